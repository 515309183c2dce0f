import Foundation
import History
import Run
import Testing
import Wire

extension Programs {
  /// A run that was changed while it went on, computed again from its journal.
  @Suite final class ReplayTests {
    let home = Sandbox()
    private let keys = [
      "optim.epochs=100", "session.checkpoint_every=500", "session.checkpoint_keep=20",
      "probe.every=2000",
    ]

    @Test("a run with many changes is replayed to the same weights, and without one to others")
    func replay() throws {
      let daemon = try home.train("moths", keys)
      try change("moths", daemon)
      #expect(try daemon.wait().code == 0)
      let journal = try HistoryReader(directory: home.run("moths")).journal()
      #expect(journal.entries.count(where: { $0.client == "program tests" }) >= 12)

      // Killed in the middle, it goes on as any run does, and the changes to come are not lost.
      let first = try again("again")
      try home.waitForStep(600, of: "again", first)
      try first.killAtOnce()
      let ending = try home.dinod("train", "--name", "again").wait()
      #expect(ending.code == 0, "\(ending)")
      let last = try HistoryReader(directory: home.run("moths")).lastStep()
      #expect(try home.weights("again", step: last) == home.weights("moths", step: last))
      #expect(ending.output.contains("the weights are those of moths, bit for bit, at"))
      #expect(try home.dino("ls").output.contains("└ again"))

      // Without the change at step 1,400 the weights are the same before it and others after it.
      let dropped = try #require(
        journal.inForce.first {
          $0.change == .set(SetSchedule(.weightDecay, to: 0.3, at: .at(1400)))
        })
      let other = try again("other", "--without", String(dropped.id.prefix(8))).wait()
      #expect(other.code == 0, "\(other)")
      #expect(try home.weights("other", step: 1000) == home.weights("moths", step: 1000))
      #expect(try home.weights("other", step: 1500) != home.weights("moths", step: 1500))
      #expect(other.output.contains("and others from step 1,500 on"), "\(other.output.suffix(500))")
    }

    @Test("a replay stops where it is told to, and goes on")
    func until() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=20", "session.checkpoint_every=200"])
      let part = try again("part", "--until", "300").wait()
      #expect(part.output.contains("part: stopped after step 300"), "\(part)")
      #expect(try home.dinod("train", "--name", "part").wait().code == 0)
      #expect(try home.weights("part", step: 800) == home.weights("moths", step: 800))
    }

    @Test("what cannot be replayed is refused with the reason")
    func refused() throws {
      func line(_ words: String...) throws -> String {
        let ending = try home.dinod(["train"] + words).wait()
        #expect(ending.code != 0 && ending.errorLines.count == 1, "\(ending)")
        return ending.errors
      }
      #expect(try line("--replay", "none", "--name", "a").contains("there is no run 'none'"))
      try home.trainToTheEnd("moths", ["optim.epochs=2"])
      #expect(try line("--replay", "moths").contains("--replay needs --name"))
      #expect(try line("--replay", "moths", "--name", "moths").contains("needs a new name"))
      #expect(
        try line("--replay", "moths", "--name", "a", "--without", "x").contains(
          "no change 'x' in force"))
      #expect(try line("--name", "moths", "--without", "x").contains("--without needs --replay"))
      #expect(
        try line("--replay", "moths", "--name", "a", "--set", "optim.base_lr=1").contains(
          "optim.base_lr: a replay computes what the run computed"))
      #expect(!home.run("a").exists)
    }

    private func again(_ name: String, _ options: String...) throws -> Program {
      try home.dinod(["train", "--replay", "moths", "--name", name] + options)
    }

    /// Makes twelve changes, one after the other, three of which are taken back; a phase begins and is
    /// undone.
    private func change(_ run: String, _ daemon: Program) throws {
      func ask(_ change: Change, id: String? = nil) throws {
        let reply = try RunClient.request(
          .change(change), at: home.endpoints(run), client: "program tests",
          id: id ?? UUID().uuidString, timeout: 20, patience: 20)
        try #require(reply?.outcome == .applied, "\(change): \(reply?.reason ?? "")")
      }
      func next() throws {
        let now = try #require(home.ask(run, .status)?.status?.step)
        try home.waitForStep(now + 20, of: run, daemon)
      }
      try home.waitForStep(20, of: run, daemon)
      try ask(.set(SetSchedule(.lr, to: 2e-3, over: 100)))
      try ask(.set(SetSchedule(.weightDecay, to: 0.3, at: .at(1400))))
      try next()
      try ask(.set(SetSchedule(.teacherTemp, to: 0.06)), id: "temp")
      try next()
      try ask(.set(SetSchedule(.teacherTemp, to: nil)), id: Journal.undoing("temp"))
      try ask(.set(SetSchedule(.lr, to: nil, over: 50)))
      try next()
      try ask(.phase(PhaseRequest(name: "high", globalCropsSize: 36, steps: 300)))
      try next()
      try ask(.set(SetSchedule(.lr, to: 1e-4)))
      try next()
      try ask(.back)
      if home.ask(run, .status)?.status?.state == .paused { try ask(.resume) }
      try next()
      for (number, value) in [5e-4, 7e-4].enumerated() {
        try ask(.set(SetSchedule(.lr, to: value, over: 10, at: .after(5))), id: "lr\(number)")
        try next()
        try ask(.set(SetSchedule(.lr, to: nil)), id: Journal.undoing("lr\(number)"))
        try next()
      }
      try ask(.set(SetSchedule(.koleoLossWeight, to: 0.2, over: 30)))
      try home.waitForStep(520, of: run, daemon)
      try ask(.rewind(Rewind(to: 500, set: SetSchedule(.lr, to: nil, factor: 0.5))))
      try next()
      try ask(.set(SetSchedule(.clipGrad, to: nil, factor: 0.5, over: 40)))
    }
  }
}
