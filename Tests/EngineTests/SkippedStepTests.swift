import Engine
import Objective
import Testing

@Suite("A step above a limit of its gradients changes nothing")
struct SkippedStepTests {
  @Test("it leaves weights, moments, average and centers, and says which sub-module it was")
  func skipped() throws {
    func state(_ engine: Engine) -> [[Float]] {
      [Engine.Part.student, .teacher, .expAvg, .expAvgSq].map { engine.values(of: $0) }
        + [engine.centers["dino"] ?? [], engine.centers["ibot"] ?? []]
    }
    let engine = try SmallRun.engine(images: 2, .centering)
    var values = SmallRun.values(lr: 1e-3)
    let first = engine.step([SmallRun.batch([0, 1])], values)
    #expect(first.updated && first.gradientNorms.count == 3)
    let before = state(engine)
    values.normLimits = [[.infinity, 1e-9, .infinity]]
    let spiked = engine.step([SmallRun.batch([2, 3])], values)
    #expect(spiked.students[0].skip == .spike(module: 1, limit: 1e-9) && !spiked.updated)
    #expect(state(engine) == before)
    // The next step is the one that it would have been.
    values.normLimits = [[1e9, 1e9, 1e9]]
    let next = engine.step([SmallRun.batch([4, 5])], values)
    let other = try SmallRun.engine(images: 2, .centering)
    values.normLimits = []
    _ = other.step([SmallRun.batch([0, 1])], values)
    let same = other.step([SmallRun.batch([4, 5])], values)
    #expect(next.updated && next.total == same.total)
    #expect(state(engine) == state(other))
  }
}
