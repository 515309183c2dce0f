import Recipe
import Run
import Schedule
import Testing

@Suite("which checkpoints are kept")
struct CheckpointRetentionTests {
  private func kept(
    _ steps: [Int], unsound: Set<Int> = [], named: Set<Int> = [], current: Int, step: Int? = nil,
    troubled: Int? = nil, journal: [JournalEntry] = [], probes: [Int: Double] = [:],
    change: (inout Recipe.Session) -> Void = { _ in }
  ) -> [Int: [CheckpointRetention.Reason]] {
    var session = Recipe().session
    (session.checkpointKeep, session.checkpointEvery) = (2, 100)
    change(&session)
    return CheckpointRetention(session).reasons(
      steps.map { .init(step: $0, isNamed: named.contains($0), isSound: !unsound.contains($0)) },
      current: current, step: step ?? current, troubled: troubled, journal: journal,
      probes: probes.map {
        ProbeResult(
          step: $0, time: 0, name: ProbeResult.knn, values: [.knnLearned: $1], images: 1,
          classes: 2)
      })
  }

  private func entry(_ change: Change, step: Int) -> JournalEntry {
    JournalEntry(id: "\(step)", time: 0, step: step, client: "test", change: change, effect: nil)
  }

  @Test("the newest sound ones and the named ones are kept")
  func newest() {
    let reasons = kept([100, 200, 300, 400, 500], named: [100], current: 500)
    #expect(reasons == [100: [.named], 400: [.newest], 500: [.current, .newest]])
  }

  @Test("one that is not known to be sound takes no sound one's place")
  func unsound() {
    let reasons = kept([100, 200, 300, 400, 500], unsound: [400, 500], current: 500)
    #expect(reasons == [200: [.newest], 300: [.newest], 500: [.current]])
  }

  @Test("what was resumed from is kept, though later ones are there")
  func resumed() {
    // Later than the present one are what a run that went back has not removed yet.
    let reasons = kept([100, 200, 300, 400], current: 200)
    #expect(reasons == [100: [.newest], 200: [.current, .newest]])
  }

  @Test("with checkpoint_keep 1 there is a sound one besides the present one until that is sound")
  func single() {
    #expect(
      kept([100, 200], unsound: [200], current: 200) { $0.checkpointKeep = 1 }
        == [100: [.newest], 200: [.current]])
    #expect(
      kept([100, 200], current: 200) { $0.checkpointKeep = 1 } == [200: [.current, .newest]])
  }

  @Test("multiples of checkpoint_keep_every are kept for ever")
  func every() {
    let reasons = kept([100, 200, 300, 400, 500, 600], current: 600) {
      $0.checkpointKeepEvery = 200
    }
    #expect(
      reasons == [
        200: [.every], 400: [.every], 500: [.newest], 600: [.current, .newest, .every],
      ])
  }

  @Test("the best by the probe is kept; of equal ones the later")
  func best() {
    let reasons = kept(
      [100, 200, 300, 400, 500], current: 500, probes: [100: 0.5, 200: 0.7, 300: 0.7, 500: 0.1])
    #expect(reasons[300] == [.best])
    #expect(reasons[200] == nil)
    #expect(
      kept([100, 200, 300, 400, 500], current: 500, probes: [200: 0.7]) {
        $0.checkpointKeepBest = 0
      }[200] == nil)
  }

  @Test("the one before a change is kept until the run has been healthy for a while")
  func change() throws {
    let set = Change.set(SetSchedule(.lr, to: 1e-4, over: 1))
    let steps = Array(stride(from: 100, through: 900, by: 100))
    let journal = [entry(set, step: 301)]
    #expect(kept(steps, current: 500, step: 500, journal: journal)[300] == [.change])
    #expect(kept(steps, current: 500, step: 501, journal: journal)[300] == nil)
    // Trouble begins the trial again.
    #expect(
      kept(steps, current: 600, step: 600, troubled: 450, journal: journal)[300] == [.change])
  }

  @Test("those before a phase are kept, so that the run can go back")
  func phase() {
    let entry = entry(.phase(PhaseRequest(to: "next")), step: 201)
    let reasons = kept([100, 200, 300, 400, 500], current: 500, journal: [entry])
    #expect(reasons[200] == [.phase])
  }
}

@Suite("gradients that grow without bound")
struct DivergenceTests {
  private func found(_ norms: [Double]) -> [String?] {
    var divergence = Divergence()
    return norms.enumerated().map { step, norm in
      divergence.add(Sample(step: step + 1, time: 0, values: [.gradNormBackbone: norm]))
    }
  }

  @Test("a gradient norm of 137,000 is not healthy, from the first step on")
  func large() {
    #expect(found([137_000])[0]?.contains("diverges") == true)
    #expect(found(Array(repeating: 137_000, count: 50)).allSatisfy { $0 != nil })
  }

  @Test("a norm that grows slowly is found when it is a hundred times its usual value")
  func growing() {
    let norms = (0..<400).map { 0.5 * pow(1.02, Double($0)) }
    let problems = found(norms)
    let first = problems.firstIndex { $0 != nil }
    #expect(first.map { norms[$0] > 50 && norms[$0] < 80 } == true)
  }

  @Test("a spike, a warm-up and a change of scale by ten are no divergence")
  func healthy() {
    let warmup = (0..<100).map { 30 / (1 + Double($0)) }
    #expect((found(warmup) + found([0.5, 0.4, 0.5, 40, 0.5])).allSatisfy { $0 == nil })
    #expect(
      found(Array(repeating: 0.3, count: 100) + Array(repeating: 3, count: 100)).allSatisfy {
        $0 == nil
      })
  }

  private func pow(_ base: Double, _ exponent: Double) -> Double {
    (0..<Int(exponent)).reduce(1) { product, _ in product * base }
  }
}
