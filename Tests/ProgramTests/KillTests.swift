import Foundation
import History
import Run
import Testing

#if canImport(Glibc)
  import Glibc
#endif

extension Programs {
  /// A run that is killed and resumed must end with exactly the weights of a run that was not
  /// killed.
  @Suite final class KillTests {
    let home = Sandbox()
    private var random = SplitMix(seed: 20)

    @Test("killed at random moments, a run ends with the weights of an unbroken one")
    func atRandomMoments() throws {
      try home.trainToTheEnd("unbroken")
      // Two kills come at the start, the others during training.
      for _ in 0..<2 {
        let daemon = try home.train("broken")
        usleep(UInt32.random(in: 1000...150_000, using: &random))
        try daemon.killAtOnce()
      }
      for target in (0..<5).map({ _ in Int.random(in: 1..<380, using: &random) }).sorted() {
        let daemon = try home.train("broken")
        try home.waitForStep(target, of: "broken", daemon)
        usleep(UInt32.random(in: 0...8000, using: &random))
        try daemon.killAtOnce()
      }
      try home.trainToTheEnd("broken")
      try expectSameWeights("broken", "unbroken")
      try expectSameRecord("broken", "unbroken")
    }

    @Test("killed while it writes checkpoints, a run ends with the weights of an unbroken one")
    func whileWriting() throws {
      // Most of the time goes into checkpoints.
      let often = ["session.checkpoint_every=1"]
      try home.trainToTheEnd("unbroken", ["session.checkpoint_every=200"])
      var torn = 0
      for turn in 1...4 {
        let daemon = try home.train("broken", often)
        try home.waitForStep(turn * 20, of: "broken", daemon)
        try eventually("a checkpoint is being written") { !leftovers("broken").isEmpty }
        usleep(UInt32.random(in: 0...500, using: &random))
        try daemon.killAtOnce()
        torn += leftovers("broken").isEmpty ? 0 : 1
        for checkpoint in try home.checkpoints("broken").list() { try checkpoint.verify() }
      }
      #expect(torn > 0, "no kill fell into a checkpoint")
      try home.trainToTheEnd("broken", ["session.checkpoint_every=200"])
      #expect(leftovers("broken").isEmpty)
      try expectSameWeights("broken", "unbroken")
    }

    @Test("killed between the batches of a step, a run ends with the weights of an unbroken one")
    func whileAccumulating() throws {
      let three = ["train.accumulation_steps=3"]
      try home.trainToTheEnd("unbroken", three)
      for target in [30, 120, 250] {
        let daemon = try home.train("broken", three)
        try home.waitForStep(target, of: "broken", daemon)
        usleep(UInt32.random(in: 0...8000, using: &random))
        try daemon.killAtOnce()
      }
      try home.trainToTheEnd("broken", three)
      try expectSameWeights("broken", "unbroken")
      try expectSameRecord("broken", "unbroken")
      // Three batches of four images in each step.
      let last = try #require(record("broken").samples.last)
      #expect(last[.imagesSeen] == Double(SmallRecipe.steps * 12))
    }

    /// Returns the folders of checkpoints that are not complete or no longer valid.
    private func leftovers(_ name: String) -> [String] {
      let names = try? FileManager.default.contentsOfDirectory(atPath: home.run(name).checkpoints)
      return (names ?? []).filter { $0.hasPrefix(".") }
    }

    private func expectSameWeights(_ one: String, _ other: String) throws {
      #expect(
        try home.weights(one, step: SmallRecipe.steps)
          == home.weights(other, step: SmallRecipe.steps))
    }

    /// Expects the losses of each step and the results of probes to be recorded once and to be
    /// equal.
    private func expectSameRecord(_ one: String, _ other: String) throws {
      let (a, b) = (try record(one), try record(other))
      #expect(a.samples.map(\.step) == Array(1...SmallRecipe.steps))
      #expect(a.samples.map { $0[.totalLoss] } == b.samples.map { $0[.totalLoss] })
      #expect(a.evaluations.map(\.step) == [0, 100, 200, 300, 400])
      #expect(a.evaluations.map(\.values) == b.evaluations.map(\.values))
      // Compared with the probe before, which another process may have measured.
      #expect(a.evaluations.dropFirst().allSatisfy { $0.values[.neighbourStability] != nil })
    }

    private func record(_ name: String) throws -> RunRecord {
      try HistoryReader(directory: home.run(name)).record()
    }
  }
}

/// Reproducible random numbers (Steele, Lea and Flood, 2014).
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
