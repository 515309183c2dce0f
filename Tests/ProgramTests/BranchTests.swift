import Foundation
import History
import Run
import Testing

extension Programs {
  /// A run that begins with the state of another.
  @Suite final class BranchTests {
    let home = Sandbox()

    private func branch(_ words: String...) throws -> Program.Ending {
      try home.dino(["branch"] + words)
    }

    private func end(of name: String) throws {
      try eventually("\(name) ends") { home.holder(of: name) == nil }
    }

    private func losses(_ name: String) throws -> [Int: Double] {
      let samples = try HistoryReader(directory: home.run(name)).record().samples
      return Dictionary(uniqueKeysWithValues: samples.map { ($0.step, $0[.totalLoss] ?? .nan) })
    }

    @Test("a branch without other settings is the run itself, and its parent stays as it was")
    func same() throws {
      try home.trainToTheEnd("parent", ["session.checkpoint_keep=100"])
      let before = try home.weights("parent", step: 200)
      let begun = try branch("parent", "--at", "200", "--name", "child")
      #expect(begun.code == 0 && begun.output.contains("child is being trained"), "\(begun)")
      try end(of: "child")
      #expect(try home.weights("child", step: 400) == home.weights("parent", step: 400))
      #expect(try home.weights("parent", step: 200) == before)
      let (own, parent) = (try losses("child"), try losses("parent"))
      #expect(
        own.keys.sorted() == Array(201...400) && own.allSatisfy { parent[$0.key] == $0.value })
      let status = try HistoryReader(directory: home.run("child")).lastStatus()
      #expect(status.origin == RunOrigin(run: "parent", step: 200, kind: RunOrigin.branch))
      #expect(try home.run("child").origin() == status.origin)
      // The branch also has the baselines.
      let probes = try HistoryReader(directory: home.run("child")).evaluations()
      #expect(probes.last?.values[.knnUntrained] != nil)
    }

    @Test("a branch with other settings goes its own way; dino ls draws the tree")
    func other() throws {
      try home.trainToTheEnd("parent", ["session.checkpoint_keep=100"])
      let begun = try branch(
        "parent", "--at", "200", "--name", "child", "--set", "optim.base_lr=1e-2",
        "--set", "train.seed=5")
      #expect(begun.code == 0, "\(begun)")
      try end(of: "child")
      let (own, parent) = (try losses("child"), try losses("parent"))
      #expect(own.keys.min() == 201 && own[400] != parent[400])
      // Without --at, the newest checkpoint is used. The parent may be a branch itself.
      let grown = try branch("child", "--name", "grandchild", "--set", "optim.epochs=11")
      #expect(grown.code == 0, "\(grown)")
      try end(of: "grandchild")
      #expect(try losses("grandchild").keys.sorted() == Array(401...440))
      let list = try home.dino("ls").output
      #expect(list.contains("\nparent ") && list.contains("\n└ child "), "\(list)")
      #expect(list.contains("\n  └ grandchild "), "\(list)")
    }

    @Test("updates that spoil the parameters: the run waits, and says where to go back to")
    func spoilt() throws {
      try home.trainToTheEnd("parent", ["session.checkpoint_keep=100"])
      // With such a rate, weight decay makes the weights grow without bound within about thirty
      // steps.
      let begun = try branch(
        "parent", "--at", "200", "--name", "child", "--set", "optim.base_lr=100",
        "--set", "session.checkpoint_keep=2", "--set", "session.checkpoint_every=5",
        "--set", "guard.rewind=[]")
      #expect(begun.code == 0, "\(begun)")
      func message(after step: Int) throws -> String {
        try waitFor("the branch waits for a person") { () -> String? in
          guard let status = home.ask("child", .status)?.status else { return nil }
          return status.state == .paused && status.step > step ? status.message : nil
        }
      }
      let first = try message(after: 200)
      let found = try #require(
        first.firstMatch(
          of: /losses are not finite; stop, then dino branch child --at (\d+) --name NEW/))
      let error = try #require(
        try home.events("child").last { $0.level == .error && $0.kind == "numbers" })
      let update = try #require(
        error.text.firstMatch(of: /for 5 steps: the update of step (\d+) ruined/))
      let (last, earlier) = (try #require(Int(update.1)), try #require(Int(found.1)))
      #expect(earlier < last && earlier >= 200 && last < 300, "\(first)")
      // If the run is resumed anyway, the warning comes again. Checkpoints saved meanwhile
      // displace no good one.
      #expect(home.ask("child", .checkpoint())?.outcome == .applied)
      #expect(home.ask("child", .resume)?.outcome == .applied)
      #expect(try message(after: last + 5) == first)
      #expect(home.ask("child", .checkpoint())?.outcome == .applied)
      #expect(home.ask("child", .stop)?.outcome == .applied)
      try end(of: "child")
      let kept = try home.checkpoints("child").list().map(\.step)
      #expect(kept.contains(earlier) && kept.contains(last + 10), "\(kept)")
      let mended = try branch("child", "--at", "\(earlier)", "--name", "mended")
      #expect(mended.code == 0, "\(mended)")
    }

    @Test("a branch whose making was cut off does not begin from nothing, and can be made again")
    func cutOff() throws {
      try home.trainToTheEnd("parent", ["session.checkpoint_keep=100"])
      let begun = try branch("parent", "--at", "200", "--name", "child")
      #expect(begun.code == 0, "\(begun)")
      try end(of: "child")
      // The state that a kill leaves before the checkpoint is linked.
      try FileManager.default.removeItem(atPath: home.run("child").checkpoints)
      try home.sql("child", "DELETE FROM samples; DELETE FROM state WHERE key = 'checkpoint'")
      let resumed = try home.dinod("train", "--name", "child").wait()
      #expect(
        resumed.code == 1
          && resumed.errors.contains(
            "has no checkpoint to resume from; start it again: dino branch parent --at 200"),
        "\(resumed)")
      let again = try branch("parent", "--at", "200", "--name", "child")
      #expect(again.code == 0, "\(again)")
      try end(of: "child")
      #expect(try home.weights("child", step: 400) == home.weights("parent", step: 400))
      #expect(try losses("child").keys.sorted() == Array(201...400))
    }

    @Test("a branch of a run in a planned phase follows phases of its own")
    func ownPhases() throws {
      func phases(_ steps: Int) -> String {
        "phases=[{name: low}, {name: high, steps: \(steps), crops: {global_crops_size: 36}}]"
      }
      try home.trainToTheEnd(
        "parent", ["optim.epochs=2", phases(40), "session.checkpoint_every=20"])
      let begun = try branch("parent", "--at", "100", "--name", "child", "--set", phases(50))
      #expect(begun.code == 0, "\(begun)")
      try end(of: "child")
      #expect(try losses("child").keys.sorted() == Array(101...130))
    }

    @Test("what cannot be a branch is refused in one line and leaves nothing")
    func refusals() throws {
      try home.trainToTheEnd("parent", ["optim.epochs=2"])
      func refusal(_ words: String...) throws -> String {
        let ending = try home.dino(["branch"] + words)
        #expect(ending.code != 0 && ending.errorLines.count == 1, "\(ending)")
        return ending.errors
      }
      #expect(try refusal("parent").contains("--name NEW"))
      #expect(
        try refusal("parent", "--at", "7", "--name", "child").contains("no checkpoint of step 7"))
      #expect(
        try refusal("parent", "--name", "child", "--set", "student.depth=3")
          .contains("student.depth: must be as in 'parent'"))
      #expect(
        try refusal("parent", "--name", "child", "--set", "distillation.teacher=parent")
          .contains("distillation.teacher: must be as in 'parent'"))
      #expect(try refusal("parent", "--name", "parent").contains("a new name"))
      #expect(try refusal("paren", "--name", "child").contains("did you mean 'parent'"))
      #expect(
        try refusal("parent", "--name", "child", "--set", "optim.epochs=1")
          .contains("is beyond the branch's end at 40; raise"))
      // Found out only when the branch has begun to be written.
      let empty = home.path + "/empty"
      try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
      let none = try home.dinod(
        "train", "--branch-of", "parent", "--name", "child", "--set", "data.path=\(empty)"
      ).wait()
      #expect(none.code == 1 && none.errors.contains(empty), "\(none)")
      #expect(!FileManager.default.fileExists(atPath: home.run("child").path))
    }
  }
}
