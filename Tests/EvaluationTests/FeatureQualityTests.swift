import Evaluation
import Foundation
import Testing

@Suite("Quality without labels")
struct FeatureQualityTests {
  /// The features of `Tests/Reference/feature_quality.py`.
  private func features(_ images: Int, _ width: Int) -> [Float] {
    (0..<images).flatMap { i in
      (0..<width).map { j in
        let angle = 0.37 * Double(i) * Double(j + 1) + 0.11 * Double(i) * Double(i)
        return Float(sin(angle) / pow(1 + Double(j), 0.6) + 0.2)
      }
    }
  }

  struct Case: Sendable {
    let images, width: Int
    let rankMe: Double
    let alpha: Double?
    let nesum, stableRank, codingRate: Double
  }

  @Test(
    "scores are those of a statement in NumPy, for more images than width and for fewer",
    arguments: [
      Case(
        images: 200, width: 32, rankMe: 20.9526242, alpha: 2.73204669, nesum: 3.11338538,
        stableRank: 2.0182686, codingRate: 0.598216634),
      Case(
        images: 24, width: 40, rankMe: 12.543073, alpha: 9.81779492, nesum: 2.4425806,
        stableRank: 1.81233973, codingRate: 0.5301292),
      Case(
        images: 300, width: 8, rankMe: 7.2003827, alpha: nil, nesum: 2.36600047,
        stableRank: 2.48860496, codingRate: 0.900524972),
    ])
  func reference(_ expected: Case) throws {
    let found = try FeatureQuality(
      features(expected.images, expected.width), width: expected.width, kernels: kernels())
    func agree(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-5 * abs(b) }
    #expect(agree(found.rankMe, expected.rankMe), "\(found)")
    #expect(agree(found.nesum, expected.nesum), "\(found)")
    #expect(agree(found.stableRank, expected.stableRank), "\(found)")
    #expect(agree(found.codingRate, expected.codingRate), "\(found)")
    switch (found.alpha, expected.alpha) {
    case (let one?, let other?): #expect(agree(one, other), "\(found)")
    case (let one, let other): #expect(one == other)
    }
  }

  @Test("features that are all equal use one direction, orthogonal ones all")
  func extremes() throws {
    let equal = try FeatureQuality(
      Array(repeating: [1, 2, 3, 4], count: 50).flatMap(\.self), width: 4, kernels: kernels())
    #expect(abs(equal.rankMe - 1) < 1e-4 && abs(equal.stableRank - 1) < 1e-6)
    #expect(equal.nesum == 0 && equal.alpha == nil && equal.codingRate < 0.4)
    let even = try FeatureQuality(
      (0..<64).flatMap { image in (0..<8).map { Float($0 == image % 8 ? 1 : 0) } }, width: 8,
      kernels: kernels())
    #expect(abs(even.rankMe - 8) < 1e-4 && abs(even.stableRank - 8) < 1e-6)
    #expect(abs(even.codingRate - 1) < 1e-9)
  }

  @Test("features that cannot be compared are refused")
  func refusals() {
    for values: [Float] in [[1, 2], [0, 0, 0, 0], [1, .nan, 2, 3]] {
      #expect(throws: EvaluationError.self) {
        try FeatureQuality(values, width: 2, kernels: kernels())
      }
    }
  }
}
