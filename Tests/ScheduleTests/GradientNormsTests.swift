import Schedule
import Testing

@Suite("A step far out of the usual is skipped")
struct GradientNormsTests {
  private func usual(_ steps: Int, _ norm: Double = 1) -> GradientNorms {
    var norms = GradientNorms()
    for step in 0..<steps {
      norms.add([[norm + 0.01 * Double(step % 3), 2 * norm]], wasSkipped: false)
    }
    return norms
  }

  @Test("the limit is a multiple of the median of the last hundred steps, by sub-module")
  func limits() {
    #expect(usual(49).limits(factor: 8).isEmpty)
    #expect(usual(50).limits(factor: 0).isEmpty)
    let limits = usual(60).limits(factor: 8)
    #expect(limits.count == 1 && abs(limits[0][0] - 8.08) < 1e-9 && limits[0][1] == 16)
    var norms = usual(100)
    for _ in 0..<51 { norms.add([[10, 20]], wasSkipped: false) }
    #expect(norms.limits(factor: 8)[0] == [80, 160], "what has risen for good is usual")
  }

  @Test("a sub-module without a usual norm has no limit")
  func nothingUsual() {
    var norms = GradientNorms()
    for _ in 0..<60 { norms.add([[1, 0]], wasSkipped: false) }
    #expect(norms.limits(factor: 8)[0] == [8, .greatestFiniteMagnitude])
  }

  @Test("five steps in a row are skipped at most, and norms that are not finite say nothing")
  func atMost() {
    var norms = usual(60)
    norms.add([[.nan, 1]], wasSkipped: false)
    #expect(norms == usual(60))
    for _ in 0..<4 { norms.add([[100, 1]], wasSkipped: true) }
    #expect(!norms.limits(factor: 8).isEmpty)
    norms.add([[100, 1]], wasSkipped: true)
    #expect(norms.limits(factor: 8).isEmpty)
    norms.add([[1, 1]], wasSkipped: false)
    #expect(!norms.limits(factor: 8).isEmpty)
  }
}
