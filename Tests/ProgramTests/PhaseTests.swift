import Foundation
import History
import Run
import Testing
import Wire

extension Programs {
  /// A run that changes its resolution, as planned or on request, and one that goes back.
  @Suite final class PhaseTests {
    let home = Sandbox()
    private var random = SplitMix(seed: 31)

    /// 200 steps at 24 px, then 60 at 36 px.
    private let planned = [
      "optim.epochs=5", "session.checkpoint_every=50",
      "phases=[{name: low}, {name: high, steps: 60, base_lr_factor: 0.5, "
        + "crops: {global_crops_size: 36}, train: {batch_size_per_gpu: 3}}]",
    ]
    /// Enough steps that no run ends by itself.
    private let endless = ["optim.epochs=2500", "session.checkpoint_every=100"]

    private func wide(_ steps: Int = 100) -> PhaseRequest {
      PhaseRequest(globalCropsSize: 36, steps: steps)
    }

    @Test("killed around a planned switch, a run ends with the weights of an unbroken one")
    func plannedSwitch() throws {
      try home.trainToTheEnd("unbroken", planned)
      // Killed while the checkpoint before the phase is written, right after it, and within the
      // phase.
      for step in [199, 200, 200, 201, 230] {
        let daemon = try home.train("broken", planned)
        try home.waitForStep(step, of: "broken", daemon)
        usleep(UInt32.random(in: 0...6000, using: &random))
        try daemon.killAtOnce()
      }
      try home.trainToTheEnd("broken", planned)
      #expect(try home.weights("broken", step: 260) == home.weights("unbroken", step: 260))
      let (a, b) = (try record("broken"), try record("unbroken"))
      #expect(a.samples.map(\.step) == Array(1...260))
      #expect(a.samples.map { $0[.totalLoss] } == b.samples.map { $0[.totalLoss] })
      #expect(a.journal.inForce.filter(\.beginsPhase).map(\.step) == [201])
      #expect(a.samples.last?[.imagesSeen] == 980.0)
      #expect(a.status.phase.name == "high" && a.status.phase.index == 1)
      #expect(a.status.phase.step == 60 && a.status.phase.grid == 6)
      // The run can still go back to this checkpoint, although it is not among the newest.
      try home.checkpoints("broken").checkpoint(step: 200).verify()
    }

    @Test("killed or stopped right after a switch on command, a run ends with the same weights")
    func switchOnCommand() throws {
      let names = ["unbroken", "killed", "stopped"]
      var daemons: [String: Program] = [:]
      for name in names { daemons[name] = try home.train(name, endless) }
      let step = try home.pauseAtOneStep(daemons)
      // A preview changes nothing.
      let preview = try #require(home.ask("killed", .preview(.phase(wide(60))))?.preview)
      #expect(preview.first == step && preview.steps == step + 59 && preview.isMeasured)
      #expect(preview.refusal == nil && preview.stepSeconds ?? 0 > 0)
      for name in names {
        let reply = home.ask(name, .phase(wide(60)))
        #expect(reply?.outcome == .applied && reply?.step == step, "\(reply as Any)")
        try home.checkpoints(name).checkpoint(step: step - 1).verify()
      }
      try daemons["killed"]!.killAtOnce()
      #expect(home.ask("stopped", .stop)?.outcome == .applied)
      #expect(try daemons["stopped"]!.wait().code == 0)
      for _ in 0..<3 {
        let daemon = try home.train("killed", endless)
        try home.waitForStep(step, of: "killed", daemon)
        usleep(UInt32.random(in: 0...20_000, using: &random))
        try daemon.killAtOnce()
      }
      daemons["killed"] = try home.train("killed", endless)
      daemons["stopped"] = try home.train("stopped", endless)
      #expect(home.ask("unbroken", .resume)?.outcome == .applied)
      for name in names { #expect(try daemons[name]!.wait().code == 0, "\(name)") }
      let end = try home.weights("unbroken", step: step + 59)
      for name in names {
        #expect(try home.weights(name, step: step + 59) == end, "\(name)")
        #expect(try record(name).journal.inForce.filter(\.beginsPhase).map(\.step) == [step])
      }
    }

    @Test("gone back from a phase, a run is as if it had never begun, killed then or not")
    func back() throws {
      let keys = ["optim.epochs=100", "session.checkpoint_every=10000"]
      var daemons = [
        "plain": try home.train("plain", keys), "moths": try home.train("moths", keys),
      ]
      let step = try home.pauseAtOneStep(daemons)
      #expect(home.ask("moths", .phase(wide(300)))?.step == step)
      #expect(home.ask("moths", .set(SetSchedule(.weightDecay, to: 0.3)))?.outcome == .applied)
      #expect(home.ask("moths", .resume)?.outcome == .applied)
      try home.waitForStep(step + 20, of: "moths", daemons["moths"])
      let saved = try #require(home.ask("moths", .checkpoint())?.step) - 1
      // A step marks the checkpoint before it as sound, so the run must not write meanwhile.
      #expect(home.ask("moths", .pause)?.outcome == .applied)
      let stale = home.checkpoints("moths").path(step: saved)
      try FileManager.default.copyItem(atPath: stale, toPath: home.path + "/stale")

      #expect(home.ask("moths", .back)?.step == step)
      #expect(!FileManager.default.fileExists(atPath: stale))
      let journal = try #require(home.ask("moths", .snapshot)?.snapshot?.journal)
      #expect(journal.inForce.allSatisfy { !$0.beginsPhase && $0.scheduleSet == nil })
      // The journal still has what was undone.
      #expect(journal.contains(where: \.beginsPhase) && journal.last?.change == .back)
      try daemons["moths"]!.killAtOnce()
      // As if the kill came before the phase's checkpoints were removed.
      try FileManager.default.moveItem(atPath: home.path + "/stale", toPath: stale)
      daemons["moths"] = try home.train("moths", keys)
      #expect(home.ask("plain", .resume)?.outcome == .applied)
      for daemon in daemons.values { #expect(try daemon.wait().code == 0) }
      #expect(try home.weights("moths", step: 4000) == home.weights("plain", step: 4000))
      let samples = try record("moths").samples
      #expect(samples.map(\.step) == Array(1...4000) && samples.allSatisfy { $0[.phase] == 0 })
    }

    @Test(
      "back before a planned phase, a run waits for a person; resumed, it begins the phase again")
    func backFromPlanned() throws {
      let daemon = try home.train(
        "moths", planned + ["phases=[{name: low}, {name: high, steps: 9000}]"])
      try home.waitForStep(210, of: "moths", daemon)
      #expect(home.ask("moths", .back)?.step == 201)
      let status = try #require(home.ask("moths", .status)?.status)
      #expect(status.state == .paused && status.step == 200 && status.phase.name == "low")
      #expect(status.message?.contains("back before phase high") == true)
      // Requests the phase with other values than planned.
      let reply = home.ask(
        "moths", .phase(PhaseRequest(to: "next", steps: 30, baseLrFactor: 0.1)))
      #expect(reply?.step == 201)
      // The run waited for this request.
      #expect(try daemon.wait().code == 0)
      #expect(try record("moths").status.step == 230)
    }

    @Test(
      "what is set at the border of a planned phase holds for a run that is killed after it, too")
    func setAtTheBorder() throws {
      var daemons: [String: Program] = [:]
      for name in ["unbroken", "killed"] {
        daemons[name] = try home.train(name, planned)
        try home.waitForStep(203, of: name, daemons[name])
        #expect(home.ask(name, .back)?.step == 201)
        let set = home.ask(name, .set(SetSchedule(.weightDecay, to: 0.5)))
        #expect(set?.outcome == .applied && set?.step == 201)
      }
      for name in ["unbroken", "killed"] {
        #expect(home.ask(name, .resume)?.outcome == .applied)
      }
      try home.waitForStep(210, of: "killed", daemons["killed"])
      try daemons["killed"]!.killAtOnce()
      try home.trainToTheEnd("killed", planned)
      #expect(try daemons["unbroken"]!.wait().code == 0)
      #expect(
        try home.weights("killed", step: 260) == home.weights("unbroken", step: 260))
      #expect(try record("killed").samples.last?[.weightDecay] == 0.5)
    }

    @Test("a checkpoint that is asked for at a phase's beginning leaves that from before it alone")
    func checkpointAtTheBorder() throws {
      let daemon = try home.train("moths", endless)
      try home.waitForStep(3, of: "moths", daemon)
      let step = try #require(home.ask("moths", .pause)?.step)
      #expect(home.ask("moths", .phase(wide()))?.step == step)
      let before = try home.weights("moths", step: step - 1)
      #expect(home.ask("moths", .checkpoint())?.outcome == .applied)
      #expect(try home.weights("moths", step: step - 1) == before)
      #expect(home.ask("moths", .back)?.step == step)
      #expect(home.ask("moths", .status)?.status?.phase.globalCropsSize == 24)
    }

    @Test("what cannot be is refused in one line, with what can, and the run goes on")
    func refusals() throws {
      let daemon = try home.train(
        "moths", endless + ["phases=[{name: low}, {name: high, steps: 9}]"])
      try home.waitForStep(1, of: "moths", daemon)
      func refusal(_ request: PhaseRequest) -> String {
        home.ask("moths", .phase(request))?.reason ?? "none"
      }
      #expect(
        refusal(PhaseRequest(globalCropsSize: 37, steps: 5)).contains(
          "37 is not a multiple of the patch size 6 (student.patch_size); nearest: 36"))
      let large = refusal(PhaseRequest(globalCropsSize: 3000, steps: 5, batchSizePerGPU: 64))
      #expect(large.contains("px is the largest size that fits"), "\(large)")
      #expect(
        refusal(PhaseRequest(globalCropsSize: 36)).contains("needs --global-size and --steps"))
      #expect(refusal(PhaseRequest(to: "hihg")).contains("its phases are low, high"))
      #expect(home.ask("moths", .back)?.reason?.contains("the run's first phase") == true)
      for request in [
        PhaseRequest(name: "high", globalCropsSize: 36, steps: 5),
        PhaseRequest(to: "next", name: "low"),
      ] {
        #expect(refusal(request).contains("already exists; choose another --name"))
      }
      #expect(refusal(PhaseRequest(steps: 0)).contains("steps must be a whole number from 1"))
      #expect(refusal(PhaseRequest(to: "next", localCropsSize: 13)).contains("nearest: 12"))
      let preview = home.ask(
        "moths",
        .preview(.phase(PhaseRequest(globalCropsSize: 3000, steps: 5, batchSizePerGPU: 64))))
      #expect(preview?.preview?.refusal?.contains("largest size") == true)
      let beyond = home.ask(
        "moths",
        .preview(.phase(PhaseRequest(globalCropsSize: 4092, steps: 5, batchSizePerGPU: 65536))))
      #expect(beyond?.reason?.contains("more than can be computed at once") == true)
      let before = try home.waitForStep(1, of: "moths", daemon)
      try home.waitForStep(before + 5, of: "moths", daemon)
      #expect(home.ask("moths", .status)?.status?.phase.name == "low")
    }

    @Test("from a shell: preview, begin, list, go back")
    func shell() throws {
      let daemon = try home.train("moths", endless)
      try home.waitForStep(3, of: "moths", daemon)
      let wide = ["phase", "moths", "--global-size", "36", "--steps", "500"]
      let preview = try home.dino(wide + ["--preview"])
      #expect(preview.code == 0 && preview.output.contains("phase 36px from step"), "\(preview)")
      #expect(preview.output.contains("measured by a trial step"))
      let begun = try home.dino(wide + ["--lr-factor", "0.5", "--name", "wide"])
      #expect(begun.output.contains(/phase wide: applied at step \d/), "\(begun)")
      let list = try home.dino("phase", "moths")
      #expect(list.output.contains(/▸ +wide +\d+ +500 +36 +12/), "\(list)")
      let what = try home.dino("phase", "moths", "--preview")
      #expect(what.code == 2 && what.errors.contains("--preview needs a phase"), "\(what)")
      let back = try home.dino("phase", "back", "--preview")
      #expect(
        back.output.contains(/back to phase pretrain, 24 and 12 px, .* dropping [0-9,]+ steps/))
      #expect(try home.dino("phase", "back").code == 0)
      let again = try home.dino("phase", "moths", "back")
      #expect(again.code == 1 && again.errorLines.count == 1)
    }

    private func record(_ name: String) throws -> RunRecord {
      try HistoryReader(directory: home.run(name)).record()
    }
  }
}
