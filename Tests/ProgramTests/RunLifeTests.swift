import Foundation
import History
import Run
import Testing

extension Programs {
  /// What becomes of a run once it has ended: another name, and further steps.
  @Suite final class RunLifeTests {
    let home = Sandbox()

    /// Trains a run that goes on until it is stopped, calls `body`, and stops it.
    private func whileTraining(_ name: String, _ words: [String], _ body: () throws -> Void) throws
    {
      let daemon = try home.dinod(
        ["train"] + words + ["--name", name, "--set", "optim.epochs=25000"])
      try home.waitForStep(90, of: name, daemon)
      try body()
      #expect(home.ask(name, .stop)?.outcome == .applied)
      _ = try daemon.wait()
    }

    private func refuses(_ words: [String], _ hint: String) throws {
      let refused = try home.dino(words)
      #expect(refused.code != 0 && refused.errors.contains(hint), "\(words): \(refused)")
    }

    @Test("a renamed run is whole under its new name, and its branches know it by that")
    func renamed() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=2"])
      let words = ["--branch-of", "moths", "--name", "wings", "--set", "optim.epochs=3"]
      #expect(try home.dinod(["train"] + words).wait().code == 0)
      try refuses(["rename", "moths", "wings"], "there is a run 'wings' already")
      try refuses(["rename", "moths", "a b"], "must be up to 64")
      try refuses(["rename", "moth", "x"], "did you mean 'moths'?")
      // A branch that is being trained would go on writing the old name.
      try whileTraining("young", ["--branch-of", "moths"]) {
        try refuses(["rename", "young", "b"], "young is being trained; stop it first")
        try refuses(["rename", "moths", "b"], "young was begun from moths and is being trained")
      }
      #expect(try home.dino("rm", "young", "--yes").code == 0)
      let renamed = try home.dino("rename", "moths", "butterflies")
      #expect(renamed.code == 0 && renamed.output.contains("wings know it by that name"))
      let list = try home.dino("ls").output
      #expect(list.contains("└ wings") && list.contains("butterflies") && !list.contains("moths"))
      let status = try home.dino("status", "butterflies", "--json").output
      #expect(status.contains(#""name" : "butterflies""#) && !status.contains("moths"))
      #expect(try home.run("wings").origin()?.run == "butterflies")
      // It goes on under its name.
      let more = try home.dinod("train", "--name", "butterflies", "--extend", "20").wait()
      #expect(more.output.contains("butterflies: finished after step 100"), "\(more)")
      // Where no run is named and none is being trained, the one that was trained last is meant.
      #expect(try home.dino("status", "--json").output.contains(#""name" : "butterflies""#))
    }

    @Test("a renaming that was killed after the folder had moved is finished by the same command")
    func killed() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=2"])
      try FileManager.default.moveItem(atPath: home.run("moths").path, toPath: home.run("b").path)
      try refuses(["rename", "larva", "b"], "there is no run 'larva'")
      #expect(try home.dino("rename", "moths", "b").code == 0)
      #expect(try String(contentsOfFile: home.run("b").recipe, encoding: .utf8).contains("name: b"))
      #expect(try !home.dino("status", "b", "--json").output.contains("moths"))
      try refuses(["rename", "moths", "b"], "there is no run 'moths'")
    }

    @Test("a finished run goes on for the steps asked for, like its last phase, and is replayed so")
    func extended() throws {
      let ending = try home.trainToTheEnd("moths", ["optim.epochs=2"])
      #expect(ending.output.contains("finished after step 80"), "\(ending)")
      let arguments = ["--extend", "20", "--lr-factor", "0.3"]
      let more = try home.dinod(["train", "--name", "moths"] + arguments).wait()
      #expect(more.output.contains("finished after step 100"), "\(more)")
      let record = try HistoryReader(directory: home.run("moths")).record()
      #expect(record.status.phases?.map(\.name) == ["pretrain", "more"])
      func most(_ steps: ClosedRange<Int>) -> Double {
        record.samples.compactMap { steps.contains($0.step) ? $0[.lr] : nil }.max()!
      }
      #expect(abs(most(81...100) / most(1...80) - 0.3) < 0.02)
      // Temperature and weight decay stay where they had come to, and prototypes learn.
      func change(_ metric: Metric) -> Double {
        record.samples[80][metric]! - record.samples[79][metric]!
      }
      #expect(abs(change(.teacherTemp)) < 1e-3 && abs(change(.weightDecay)) < 0.01)
      #expect(change(.momentumTeacher) < -1e-3)
      #expect(record.samples[80][.lastLayerLr] == record.samples[80][.lr])
      // Again, and again from the start.
      let again = try home.dinod(["train", "--name", "moths", "--extend", "10"]).wait()
      #expect(again.output.contains("finished after step 110"), "\(again)")
      let replay = try home.dinod(["train", "--replay", "moths", "--name", "replay"]).wait()
      #expect(replay.output.contains("the weights are those of moths, bit for bit"), "\(replay)")
      #expect(try home.weights("replay", step: 110) == home.weights("moths", step: 110))
    }

    @Test("a run whose extension is killed goes on with it, though it is asked for again")
    func extensionKilled() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=2"])
      let words = ["train", "--name", "moths", "--extend", "2000"]
      let daemon = try home.dinod(words)
      try home.waitForStep(300, of: "moths", daemon)
      try daemon.killAtOnce()
      let again = try home.dinod(words).wait()
      #expect(again.output.contains("finished after step 2080"), "\(again)")
    }

    @Test("what cannot go on is refused with the reason, and stays as it is")
    func notExtended() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=2"])
      for steps in ["0", "x", "500000000"] {
        try refuses(["extend", "moths", steps], "is not a number of steps")
      }
      try refuses(["extend", "moths", "20", "--lr-factor", "0"], "lr-factor")
      for words in [["--begin-anew"], ["--lr-factor", "5000"]] {
        let refused = try home.dinod(["train", "--name", "moths", "--extend", "5"] + words).wait()
        #expect(refused.code == 2, "\(refused)")
      }
      let unknown = try home.dinod("train", "--name", "nobody", "--extend", "5").wait()
      #expect(unknown.code != 0 && !home.run("nobody").exists)
      #expect(try HistoryReader(directory: home.run("moths")).lastStatus().steps == 80)
      try whileTraining("wings", ["--branch-of", "moths"]) {
        try refuses(["extend", "wings", "20"], "is being trained")
      }
      try refuses(["extend", "wings", "20"], "has not finished")
    }
  }
}
