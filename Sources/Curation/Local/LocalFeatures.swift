import Images

#if canImport(Glibc)
  import Glibc
#endif

/// The keypoints of a picture, by which a part of it is found in another (Lowe 2004).
struct LocalFeatures: Sendable {
  /// The longest side of the picture in which keypoints are looked for, in pixels.
  static let longest = 320
  /// Values of a descriptor: 4 × 4 cells of 8 directions.
  static let width = 128
  /// The largest share of the length that one value may have, so that one strong edge does not decide.
  private static let mostShare: Float = 0.2
  private static let directions = 36

  let keypoints: [Keypoint]
  /// [keypoints, 128] what the gradients around each are like, relative to its scale and direction. Each
  /// row has length 1.
  let descriptors: [Float]

  /// Finds at most `most` keypoints.
  init(_ picture: GreyPicture, most: Int) {
    let space = ScaleSpace(picture)
    // Some have several directions, so this is enough.
    let candidates = KeypointDetector.candidates(space, most: most)
    var gradients: [[Int]: GradientPicture] = [:]
    var found: [Keypoint] = []
    var descriptors: [Float] = []
    for candidate in candidates where found.count < most {
      let place = [candidate.octave, candidate.scale]
      let gradient =
        gradients[place]
        ?? GradientPicture(space.octaves[candidate.octave].blurred[candidate.scale])
      gradients[place] = gradient
      let scale = ScaleSpace.blur(candidate.scale)
      for angle in Self.angles(gradient, candidate, scale) where found.count < most {
        let step = Float(space.octaves[candidate.octave].step)
        found.append(
          Keypoint(
            x: Float(candidate.x) * step, y: Float(candidate.y) * step, scale: scale * step,
            angle: angle))
        descriptors += Self.descriptor(gradient, candidate, scale, angle)
      }
    }
    keypoints = found
    self.descriptors = descriptors
  }

  init(keypoints: [Keypoint], descriptors: [Float]) {
    precondition(descriptors.count == keypoints.count * Self.width)
    (self.keypoints, self.descriptors) = (keypoints, descriptors)
  }

  /// The peaks of the histogram of directions around a place.
  private static func angles(
    _ gradient: GradientPicture, _ at: KeypointDetector.Candidate, _ scale: Float
  ) -> [Float] {
    var histogram = [Float](repeating: 0, count: directions)
    let sigma = 1.5 * scale
    let reach = Int((3 * sigma).rounded())
    for y in max(1, at.y - reach)...min(gradient.height - 2, at.y + reach) {
      for x in max(1, at.x - reach)...min(gradient.width - 2, at.x + reach) {
        let (dx, dy) = (Float(x - at.x), Float(y - at.y))
        let weight = exp(-(dx * dx + dy * dy) / (2 * sigma * sigma))
        let (size, angle) = gradient[x, y]
        let bin = Int((angle / (2 * .pi) * Float(directions)).rounded())
        histogram[(bin + directions) % directions] += weight * size
      }
    }
    for _ in 0..<2 {
      let before = histogram
      for bin in 0..<directions {
        histogram[bin] =
          (before[(bin + directions - 1) % directions] + before[bin]
            + before[(bin + 1) % directions]) / 3
      }
    }
    let most = histogram.max()!
    guard most > 0 else { return [] }
    return (0..<directions).compactMap { bin in
      let (left, middle, right) = (
        histogram[(bin + directions - 1) % directions], histogram[bin],
        histogram[(bin + 1) % directions]
      )
      guard middle >= 0.8 * most, middle > left, middle >= right else { return nil }
      let offset = (left - right) / (2 * (left - 2 * middle + right))
      return (Float(bin) + offset) / Float(directions) * 2 * .pi
    }
  }

  /// The histograms of directions in 4 × 4 cells around a place, turned by an angle.
  private static func descriptor(
    _ gradient: GradientPicture, _ at: KeypointDetector.Candidate, _ scale: Float, _ angle: Float
  ) -> [Float] {
    var values = [Float](repeating: 0, count: width)
    let cell = 3 * scale
    let (cosine, sine) = (cos(angle) / cell, sin(angle) / cell)
    let reach = Int((cell * 2.5 * Float(2).squareRoot()).rounded())
    for y in max(1, at.y - reach)...min(gradient.height - 2, at.y + reach) {
      for x in max(1, at.x - reach)...min(gradient.width - 2, at.x + reach) {
        let (dx, dy) = (Float(x - at.x), Float(y - at.y))
        let (u, v) = (cosine * dx + sine * dy, cosine * dy - sine * dx)
        let (column, row) = (u + 1.5, v + 1.5)
        guard column > -1, column < 4, row > -1, row < 4 else { continue }
        let (size, direction) = gradient[x, y]
        var turned = (direction - angle) / (2 * .pi) * 8
        turned -= (turned / 8).rounded(.down) * 8
        let weight = size * exp(-(u * u + v * v) / 8)
        add(weight, column, row, turned, to: &values)
      }
    }
    return normalised(values)
  }

  /// Shares a value among the cells and directions that it lies between.
  private static func add(
    _ value: Float, _ column: Float, _ row: Float, _ direction: Float, to values: inout [Float]
  ) {
    let (left, top, first) = (column.rounded(.down), row.rounded(.down), direction.rounded(.down))
    let (across, down, round) = (column - left, row - top, direction - first)
    for y in 0..<2 {
      let cellY = Int(top) + y
      guard cellY >= 0, cellY < 4 else { continue }
      let byRow = value * (y == 0 ? 1 - down : down)
      for x in 0..<2 {
        let cellX = Int(left) + x
        guard cellX >= 0, cellX < 4 else { continue }
        let byColumn = byRow * (x == 0 ? 1 - across : across)
        let start = (cellY * 4 + cellX) * 8
        values[start + Int(first) % 8] += byColumn * (1 - round)
        values[start + (Int(first) + 1) % 8] += byColumn * round
      }
    }
  }

  /// Scales to length 1, bounds the largest values, and takes square roots, after which dot products
  /// compare histograms (Arandjelović & Zisserman 2012).
  private static func normalised(_ values: [Float]) -> [Float] {
    let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard length > 0 else { return values }
    let bounded = values.map { min($0 / length, mostShare) }
    let sum = bounded.reduce(0, +)
    return bounded.map { ($0 / sum).squareRoot() }
  }
}

/// The gradient of a picture.
struct GradientPicture {
  let width: Int
  let height: Int
  private let sizes: [Float]
  private let angles: [Float]

  init(_ picture: GreyPicture) {
    (width, height) = (picture.width, picture.height)
    var sizes = [Float](repeating: 0, count: width * height)
    var angles = sizes
    for y in 1..<max(1, height - 1) {
      for x in 1..<max(1, width - 1) {
        let at = y * width + x
        let dx = picture.values[at + 1] - picture.values[at - 1]
        let dy = picture.values[at + width] - picture.values[at - width]
        sizes[at] = (dx * dx + dy * dy).squareRoot()
        angles[at] = atan2(dy, dx)
      }
    }
    (self.sizes, self.angles) = (sizes, angles)
  }

  /// The size of the gradient, and its direction in radians.
  subscript(x: Int, y: Int) -> (size: Float, angle: Float) {
    (sizes[y * width + x], angles[y * width + x])
  }
}
