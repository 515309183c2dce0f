import Foundation
import History
import Run
import Testing
import Wire

extension Programs {
  /// Live changes are part of a run: a run that is killed after one ends with the same weights as
  /// a run that was not killed.
  @Suite final class LiveChangeTests {
    let home = Sandbox()
    private let steps = 1600

    @Test("a change of lr outlives a kill: it is made again at its step, to the last bit")
    func changeBeforeKill() throws {
      // There is no checkpoint before the kill, so only the history has the change.
      let seldom = ["session.checkpoint_every=10000", "optim.epochs=\(steps / 40)"]
      var daemons = [
        "unbroken": try home.train("unbroken", seldom), "broken": try home.train("broken", seldom),
      ]
      let step = try home.pauseAtOneStep(daemons)
      for name in daemons.keys {
        let reply = try #require(home.ask(name, .set(SetSchedule(.lr, to: 5e-4, over: 60))))
        #expect(reply.outcome == .applied && reply.step == step)
      }
      #expect(home.ask("broken", .resume)?.outcome == .applied)
      try home.waitForStep(step + 30, of: "broken", daemons["broken"]!)
      try daemons["broken"]!.killAtOnce()
      #expect(try home.checkpoints("broken").list().isEmpty)

      daemons["broken"] = try home.train("broken", seldom)
      #expect(home.ask("unbroken", .resume)?.outcome == .applied)
      for daemon in daemons.values { #expect(try daemon.wait().code == 0) }
      let (broken, unbroken) = (try end("broken"), try end("unbroken"))
      #expect(broken == unbroken)
      // The change did have an effect.
      try home.trainToTheEnd("unchanged", seldom)
      #expect(try end("unchanged") != unbroken)
    }

    @Test("of two changes the later command counts, though a kill lets it be felt earlier")
    func laterCommandCounts() throws {
      let seldom = ["session.checkpoint_every=10000", "optim.epochs=\(steps / 40)"]
      var daemon = try home.train("moths", seldom)
      try home.waitForStep(steps / 2, of: "moths", daemon)
      let early = try #require(home.ask("moths", .set(SetSchedule(.weightDecay, to: 0.5)))?.step)
      try daemon.killAtOnce()

      // On a busy machine the run may be too far before it can be paused.
      let late = try waitFor("the run, from the beginning again, pauses at an earlier step") {
        daemon = try home.train("moths", seldom)
        try home.waitForStep(1, of: "moths", daemon)
        let next = try #require(home.ask("moths", .pause)?.step)
        if next < early { return next }
        try daemon.killAtOnce()
        return nil
      }
      #expect(home.ask("moths", .set(SetSchedule(.weightDecay, to: 0.25)))?.step == late)
      let planned = try weightDecay("moths")
      try daemon.killAtOnce()

      daemon = try home.train("moths", seldom)
      try home.waitForStep(1, of: "moths", daemon)
      #expect(try weightDecay("moths") == planned)
      #expect(planned.values.last == 0.25)
      try daemon.killAtOnce()
    }

    @Test(
      "a checkpoint knows of the changes before it: a run goes on as it was without its history")
    func changeInCheckpoint() throws {
      let keys = ["session.checkpoint_every=10000", "optim.epochs=\(steps / 40)"]
      let daemon = try home.train("moths", keys)
      try home.waitForStep(1, of: "moths", daemon)
      let changed = try #require(
        home.ask("moths", .set(SetSchedule(.lr, to: 5e-4, over: 600)))?.step)
      try home.waitForStep(changed + 20, of: "moths", daemon)
      try #require(home.ask("moths", .pause)?.outcome == .applied)
      let saved = try #require(home.ask("moths", .checkpoint())?.step) - 1
      // The copy is like a run whose damaged database has been moved away.
      try home.run("copy").create()
      for path in [\RunDirectory.recipe, \.checkpoints] {
        try FileManager.default.copyItem(
          atPath: home.run("moths")[keyPath: path], toPath: home.run("copy")[keyPath: path])
      }
      #expect(home.ask("moths", .resume)?.outcome == .applied)
      #expect(try daemon.wait().code == 0)

      let started = try home.dino("start", "copy")
      #expect(started.code == 0, "\(started)")
      try eventually("the copy ends") { home.holder(of: "copy") == nil }
      #expect(try end("copy") == end("moths"))
      let events = try home.events("copy")
      #expect(events.contains { $0.text.contains("resumes after step \(saved):") })
    }

    private func weightDecay(_ name: String) throws -> PlannedCurve {
      let plan = try #require(home.ask(name, .snapshot)?.snapshot?.plan)
      return try #require(plan.first { $0.metric == .weightDecay })
    }

    private func end(_ name: String) throws -> [String: String] {
      try home.weights(name, step: steps)
    }
  }
}
