import Evaluation
import Foundation
import Kernels
import Tensor
import Testing

@Suite("Scores of views, of patches and of neighbours")
struct ProbeScoreTests {
  /// The features of `Tests/Reference/feature_quality.py`.
  private func features(_ images: Int, _ width: Int) -> [Float] {
    (0..<images).flatMap { i in
      (0..<width).map { j in
        let angle = 0.37 * Double(i) * Double(j + 1) + 0.11 * Double(i) * Double(i)
        return Float(sin(angle) / pow(1 + Double(j), 0.6) + 0.2)
      }
    }
  }

  /// `dense_patches` there.
  private func patches(_ images: Int, _ each: Int, _ width: Int) -> [Float] {
    (0..<images).flatMap { i in
      (0..<each).flatMap { p in
        (0..<width).map { j in
          let place = Double(3 * i + p % 3 + 1)
          return Float(
            sin(0.7 * place * Double(j + 1) + 0.3 * place)
              + 0.01 * sin(1.3 * Double(p) + Double(j * i)))
        }
      }
    }
  }

  private func dense(_ values: [Float], _ patches: Int, _ width: Int) throws -> DenseQuality {
    let pool = WorkerPool(threads: 2)
    defer { pool.stop() }
    return try DenseQuality(values, patches: patches, width: width, kernels: kernels(), pool: pool)
  }

  @Test(
    "LiDAR is that of a statement in NumPy, for more images than width and for fewer",
    arguments: [(200, 32, 5, 19.9168526), (60, 40, 3, 11.9154297)])
  func lidar(images: Int, width: Int, views: Int, expected: Double) throws {
    let found = try ViewQuality.lidar(
      features(images, width), views: views, width: width, kernels: kernels())
    #expect(abs(found - expected) <= 1e-5 * expected, "\(found)")
  }

  @Test("LiDAR is high where views agree and images differ, low where views differ as images do")
  func lidarExtremes() throws {
    let (images, views, width) = (40, 4, 8)
    let own = numbers(images * width, seed: 1)
    let noise = numbers(images * views * width, seed: 2)
    func mixed(_ share: Float) -> [Float] {
      noise.indices.map { place in
        own[place / (views * width) * width + place % width] + share * noise[place]
      }
    }
    func score(_ values: [Float]) throws -> Double {
      try ViewQuality.lidar(values, views: views, width: width, kernels: kernels())
    }
    let agreeing = try score(mixed(0.1))
    #expect(agreeing > 6.5 && agreeing <= 8, "\(agreeing)")
    // Images that differ along one direction alone.
    var flat = mixed(0.1)
    for place in flat.indices where place % width != 0 { flat[place] = 0.3 * noise[place] }
    #expect(try score(flat) < 3)
    for (values, views) in [([1, 2, 3, 4] as [Float], 1), (Array(repeating: .nan, count: 8), 2)] {
      #expect(throws: EvaluationError.self) {
        try ViewQuality.lidar(values, views: views, width: 2, kernels: kernels())
      }
    }
  }

  @Test("the parts of DSE are those of a statement in NumPy where clusters leave no choice")
  func separation() throws {
    let found = try dense(patches(16, 12, 24), 12, 24)
    #expect(abs(found.separation - 0.714071195) < 1e-4, "\(found)")
    // All patches of an image are the same, so that any may be drawn.
    let (images, each, width) = (16, 4, 24)
    let rows = features(images, width)
    var same: [Float] = []
    for token in 0..<images * each {
      let row = rows[token / each * width..<(token / each + 1) * width]
      same += row.map { (value: Float) -> Float in value + 1e-6 * Float(token % each) }
    }
    #expect(abs(try dense(same, each, width).dimensions - 0.665521822) < 1e-4)
  }

  @Test("patches that lie in clusters are separated, noise is not, and equal ones are refused")
  func denseExtremes() throws {
    let noise = numbers(16 * 12 * 24)
    #expect(try dense(noise, 12, 24).separation < dense(patches(16, 12, 24), 12, 24).separation)
    #expect(try dense(noise, 12, 24) == dense(noise, 12, 24))
    for values in [
      Array(repeating: 1 as Float, count: 16 * 12 * 24), Array(noise.prefix(4 * 12 * 24)),
      Array(repeating: .nan, count: 16 * 12 * 24),
    ] {
      #expect(throws: EvaluationError.self) { try dense(values, 12, 24) }
    }
  }

  @Test("neighbours agree with themselves, in part with those of other features, not across sets")
  func stability() throws {
    let (images, width) = (60, 6)
    let values = numbers(images * width)
    func found(_ values: [Float], _ set: String = "a") throws -> NeighbourStability {
      try NeighbourStability(
        values, of: (0..<values.count / width).map { "\(set)\($0)" }, width: width,
        kernels: kernels())
    }
    let first = try found(values)
    #expect(first.neighbours.enumerated().allSatisfy { !$1.contains($0) && $1.count == 10 })
    let scaled = try found(values.map { 3 * $0 })
    #expect(first.agreement(with: scaled) == 1)
    let moved = zip(values, numbers(values.count, seed: 9)).map { $0 + 0.3 * $1 }
    let other = try found(moved)
    // Stated by hand: the share of neighbours in common.
    let shares = zip(first.neighbours, other.neighbours).map {
      Double(Set($0).intersection($1).count) / 10
    }
    let expected = shares.reduce(0, +) / Double(images)
    #expect(first.agreement(with: other) == expected && expected > 0.3 && expected < 0.95)
    let fewer = try found(Array(values.prefix(30 * width)))
    #expect(first.agreement(with: fewer) == nil)
    #expect(NeighbourStability(first.bytes) == first && first.bytes.count == 10 + 2 * 10 * images)
    // As many images, but others.
    #expect(try first.agreement(with: found(values, "b")) == nil)
    let head = Array(first.bytes.prefix(8))
    for damaged in [[], [0, 0], head, head + [0, 0], head + [3, 0, 1, 0], head + [10, 0, 1]] {
      #expect(NeighbourStability(damaged)?.agreement(with: first) == nil)
    }
  }
}
