import Crops
import Images
import Recipe
import Testing

@Suite struct EmbeddedTests {
  private static let source = EmbeddedSource(seed: 5, size: 64, count: 2500)

  @Test("an image of one seed and number is always the same; others differ")
  func deterministic() {
    let again = EmbeddedSource(seed: 5, size: 64, count: 2500)
    let other = EmbeddedSource(seed: 6, size: 64, count: 2500)
    let later = EmbeddedSource(seed: 5, size: 64, count: 2490, first: 10)
    for index in [0, 1, 77, 2489] {
      #expect(Self.source.image(index) == again.image(index))
      #expect(Self.source.image(index) != other.image(index))
      #expect(Self.source.image(index + 10) == later.image(index))
      #expect(Self.source.label(index + 10) == later.label(index))
    }
    #expect(Set((0..<200).map { Self.source.image($0).pixels }).count == 200)
  }

  @Test("any size gives the same picture, larger or smaller")
  func sizes() {
    let whole = EmbeddedSource(seed: 5, size: 64, count: 10)
    for size in [37, 101] {
      let other = EmbeddedSource(seed: 5, size: size, count: 10)
      for index in 0..<10 {
        let a = whole.image(index).resized(toWidth: 16, toHeight: 16).pixels
        let b = other.image(index).resized(toWidth: 16, toHeight: 16).pixels
        let difference = zip(a, b).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        #expect(Double(difference) / Double(a.count) < 14)
      }
    }
  }

  @Test("classes come equally often")
  func balanced() {
    let classes = Self.source.classes.count
    #expect(classes >= 12)
    #expect(Set(Self.source.classes).count == classes)
    let expected = 2500 / classes
    for number in 0..<classes {
      let count = (0..<2500).count { Self.source.label($0) == number }
      #expect(abs(count - expected) < expected / 2)
    }
  }

  @Test("no class has a color or a contrast of its own")
  func colors() {
    let classes = Self.source.classes.count
    // The mean red, green and blue, and the standard deviation of green, of each image.
    var values = [[[Double]]](repeating: [], count: classes)
    for index in 0..<2000 {
      let pixels = Self.source.image(index).pixels
      let channels = (0..<3).map { channel in
        stride(from: channel, to: pixels.count, by: 3).map { Double(pixels[$0]) }
      }
      let means = channels.map { $0.reduce(0, +) / Double($0.count) }
      let variance = channels[1].reduce(0) { $0 + ($1 - means[1]) * ($1 - means[1]) }
      values[Self.source.label(index)!].append(
        means + [(variance / Double(channels[1].count)).squareRoot()])
    }
    let all = values.flatMap(\.self)
    for statistic in 0..<4 {
      func mean(_ rows: [[Double]]) -> Double {
        rows.reduce(0) { $0 + $1[statistic] } / Double(rows.count)
      }
      let overall = mean(all)
      let spread =
        (all.reduce(0) { $0 + ($1[statistic] - overall) * ($1[statistic] - overall) }
        / Double(all.count)).squareRoot()
      // Within five standard deviations of the expected number of images in a class.
      for rows in values {
        #expect(
          abs(mean(rows) - overall) < 5 * spread / Double(rows.count).squareRoot())
      }
    }
  }

  @Test("raw pixels hardly tell the classes, though a look at edges does")
  func learnable() {
    let bank = 2000
    let labels = (0..<2500).map { Self.source.label($0)! }
    let raw = (0..<2500).map { index -> [Float] in
      let view = Self.source.image(index).evaluationView(resize: 36, crop: 36)
      return [Float](unsafeUninitializedCapacity: 3 * 36 * 36) { planes, count in
        view.normalised(mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], into: planes)
        count = planes.count
      }
    }
    #expect(nearestNeighbours(raw, labels, bank: bank) < 0.25)
    let edges = (0..<2500).map { edgeHistogram(Self.source.image($0)) }
    #expect(nearestNeighbours(edges, labels, bank: bank) > 0.9)
  }

  /// Returns the accuracy of the 20 nearest neighbours by cosine. The first `bank` images vote for
  /// the others.
  private func nearestNeighbours(_ features: [[Float]], _ labels: [Int], bank: Int) -> Double {
    let unit = features.map { row in
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return row.map { $0 / length }
    }
    var right = 0
    for query in bank..<unit.count {
      let near = (0..<bank).map { (dot(unit[query], unit[$0]), labels[$0]) }
        .sorted { $0.0 > $1.0 }.prefix(20)
      var votes: [Int: Float] = [:]
      for (similarity, label) in near { votes[label, default: 0] += similarity }
      let winner = votes.max { ($0.value, $0.key) < ($1.value, $1.key) }!.key
      if winner == labels[query] { right += 1 }
    }
    return Double(right) / Double(unit.count - bank)
  }

  private func dot(_ a: [Float], _ b: [Float]) -> Float {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        var sum = SIMD16<Float>.zero
        let whole = a.count / 16 * 16
        for i in stride(from: 0, to: whole, by: 16) {
          let left = UnsafeRawPointer(a.baseAddress! + i).loadUnaligned(as: SIMD16<Float>.self)
          let right = UnsafeRawPointer(b.baseAddress! + i).loadUnaligned(as: SIMD16<Float>.self)
          sum += left * right
        }
        return (whole..<a.count).reduce(sum.sum()) { $0 + a[$1] * b[$1] }
      }
    }
  }

  /// Returns the directions of edges and their strength relative to the mean, at four scales.
  /// These features do not depend on places or colours.
  private func edgeHistogram(_ image: RGBImage) -> [Float] {
    var features: [Float] = []
    for side in [64, 32, 16, 12] {
      let pixels = image.resized(toWidth: side, toHeight: side).pixels
      func grey(_ x: Int, _ y: Int) -> Float { Float(pixels[(y * side + x) * 3 + 1]) }
      var directions = [Float](repeating: 0, count: 8)
      var lengths: [Float] = []
      for y in 1..<side - 1 {
        for x in 1..<side - 1 {
          let dx = grey(x + 1, y) - grey(x - 1, y)
          let dy = grey(x, y + 1) - grey(x, y - 1)
          let length = (dx * dx + dy * dy).squareRoot()
          lengths.append(length)
          // Eighths of the half circle, found by slopes alone.
          let (u, v) = dy < 0 ? (-dx, -dy) : (dx, dy)
          let steep =
            (v > 0.4142 * abs(u) ? 1 : 0) + (v > abs(u) ? 1 : 0) + (v > 2.4142 * abs(u) ? 1 : 0)
          directions[u >= 0 ? steep : 7 - steep] += length
        }
      }
      let mean = lengths.reduce(0, +) / Float(lengths.count) + 1e-3
      var strengths = [Float](repeating: 0, count: 8)
      for length in lengths { strengths[min(7, Int(length / mean * 2.5))] += 1 }
      features += directions.map { $0 / (mean * Float(lengths.count)) }
      features += strengths.map { $0 / Float(lengths.count) }
      features.append(mean / 100)
    }
    let count = Float(features.count)
    let centre = features.reduce(0, +) / count
    return features.map { $0 - centre }
  }
}
