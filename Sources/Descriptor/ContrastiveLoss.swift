#if canImport(Glibc)
  import Glibc
#endif

/// InfoNCE with KoLeo over descriptors of two views of each image (SSCD, equations 1 to 4).
///
/// The rows of a batch are the first views of all images, then their second views. Descriptors are
/// compared by their cosine. InfoNCE draws the two views of an image together and apart from all
/// others; KoLeo pushes each descriptor away from the nearest one of another image.
package struct ContrastiveLoss: Sendable {
  private let temperature: Float
  private let koleoWeight: Float

  /// The losses of a batch, and how often the nearest descriptor is that of the other view.
  package struct Result: Sendable {
    package var infoNCE = 0.0
    package var koleo = 0.0
    package var accuracy = 0.0
  }

  package init(temperature: Float, koleoWeight: Float) {
    (self.temperature, self.koleoWeight) = (temperature, koleoWeight)
  }

  /// Returns the losses, and writes the gradient by the descriptors.
  ///
  /// - Parameters:
  ///   - x: descriptors [2·images, width], of any length.
  ///   - dx: the same shape.
  package func callAsFunction(
    _ x: [Float], width: Int, dx: inout [Float]
  ) -> Result {
    let rows = x.count / width
    precondition(rows.isMultiple(of: 2) && rows >= 4 && dx.count == x.count)
    let lengths = (0..<rows).map { row in
      max(1e-12, x[row * width..<(row + 1) * width].reduce(0) { $0 + $1 * $1 }.squareRoot())
    }
    let z = x.indices.map { x[$0] / lengths[$0 / width] }
    let cosines = Self.product(z, rows, width)
    var result = Result()
    // The gradient by the cosines, of which each pair has one on either side of the diagonal.
    var slopes = [Float](repeating: 0, count: rows * rows)
    for row in 0..<rows { add(row, rows, cosines, &slopes, &result) }
    let dz = Self.gradient(slopes, z, rows, width)
    for row in 0..<rows {
      let range = row * width..<(row + 1) * width
      let along = range.reduce(Float(0)) { $0 + z[$1] * dz[$1] }
      for index in range { dx[index] = (dz[index] - z[index] * along) / lengths[row] }
    }
    return result
  }

  /// Adds the terms of a row.
  private func add(
    _ row: Int, _ rows: Int, _ cosines: [Float], _ slopes: inout [Float], _ result: inout Result
  ) {
    let start = row * rows
    let positive = (row + rows / 2) % rows
    let share = 1 / Float(rows)
    var nearest = -1
    var greatest = -Float.infinity
    for other in 0..<rows where other != row {
      greatest = max(greatest, cosines[start + other])
      if other != positive && (nearest < 0 || cosines[start + other] > cosines[start + nearest]) {
        nearest = other
      }
    }
    var sum: Float = 0
    for other in 0..<rows where other != row {
      let weight = exp((cosines[start + other] - greatest) / temperature)
      slopes[start + other] += weight
      sum += weight
    }
    for other in 0..<rows where other != row {
      slopes[start + other] *= share / (sum * temperature)
    }
    slopes[start + positive] -= share / temperature
    result.infoNCE += Double(
      share * (log(sum) + (greatest - cosines[start + positive]) / temperature))
    if cosines[start + positive] >= cosines[start + nearest] { result.accuracy += Double(share) }
    // −log of the distance, whose square is 2 − 2 · cosine.
    let square = max(1e-6, 2 - 2 * cosines[start + nearest])
    result.koleo -= Double(share * 0.5 * log(square))
    if square > 1e-6 { slopes[start + nearest] += koleoWeight * share / square }
  }

  /// Returns z · zᵀ.
  private static func product(_ z: [Float], _ rows: Int, _ width: Int) -> [Float] {
    var products = [Float](repeating: 0, count: rows * rows)
    z.withUnsafeBufferPointer { z in
      for row in 0..<rows {
        for other in row..<rows {
          var sum = SIMD8<Float>()
          var at = 0
          while at + 8 <= width {
            let one = UnsafeRawPointer(z.baseAddress! + row * width + at)
            let two = UnsafeRawPointer(z.baseAddress! + other * width + at)
            sum +=
              one.loadUnaligned(as: SIMD8<Float>.self) * two.loadUnaligned(as: SIMD8<Float>.self)
            at += 8
          }
          var total = sum.sum()
          while at < width {
            total += z[row * width + at] * z[other * width + at]
            at += 1
          }
          products[row * rows + other] = total
          products[other * rows + row] = total
        }
      }
    }
    return products
  }

  /// Returns (slopes + slopesᵀ) · z.
  private static func gradient(
    _ slopes: [Float], _ z: [Float], _ rows: Int, _ width: Int
  ) -> [Float] {
    var dz = [Float](repeating: 0, count: z.count)
    dz.withUnsafeMutableBufferPointer { dz in
      z.withUnsafeBufferPointer { z in
        for row in 0..<rows {
          for other in 0..<rows {
            let slope = slopes[row * rows + other] + slopes[other * rows + row]
            for at in 0..<width { dz[row * width + at] += slope * z[other * width + at] }
          }
        }
      }
    }
    return dz
  }
}
