import Foundation
import History
import Run
import Testing

#if canImport(Glibc)
  import Glibc
#endif

extension Commands {
  /// What the programs say must be what happened.
  @Suite final class TrueWordsTests {
    let home = Sandbox()

    /// Trains a run beyond a step and kills it there.
    private func kill(_ name: String, at step: Int) throws {
      let daemon = try home.train(name)
      try home.waitForStep(step, of: name, daemon)
      #expect(home.ask(name, .pause) != nil)
      try eventually("the run is paused") {
        try HistoryReader(directory: home.run(name)).lastStatus().state == .paused
      }
      try daemon.killAtOnce()
    }

    @Test("a run that was killed is interrupted, not paused or healthy, and its log says so")
    func killed() throws {
      try kill("moths", at: 30)
      let status = try home.dino("status", "moths")
      #expect(status.code == 1)
      let lines = status.output.split(separator: "\n")
      let state = try #require(lines.first { $0.contains("state ") })
      #expect(state.contains("interrupted: the daemon ended without a word"), "\(state)")
      #expect(state.contains("dino start moths") && !state.contains("paused by"))
      let health = try #require(lines.first { $0.contains("health ") })
      #expect(health.contains("interrupted: it was too early to tell"), "\(health)")
      #expect(!lines.contains { $0.contains("left ") })

      let last = try HistoryReader(directory: home.run("moths")).lastStep()
      try home.trainToTheEnd("moths")
      let said = try home.events("moths").filter { $0.text.contains("ended without a word") }
      #expect(said.count == 1 && said[0].level == .warning)
      #expect(said.first?.text.hasSuffix("the last step that it recorded is \(last)") == true)
      // An end that was recorded is no interruption.
      try home.trainToTheEnd("wasps", ["session.checkpoint_every=100"])
      try home.trainToTheEnd("wasps", ["session.checkpoint_every=100"])
      #expect(try home.events("wasps").allSatisfy { !$0.text.contains("without a word") })
    }

    @Test("dino ls --json names a run that it cannot read, and says why")
    func unreadable() throws {
      try home.trainToTheEnd("moths")
      try FileManager.default.createDirectory(
        atPath: home.runs + "/wasps", withIntermediateDirectories: true)
      try Data("no database".utf8).write(to: URL(fileURLWithPath: home.run("wasps").database))
      let listed = try home.dino("ls", "--json")
      #expect(listed.code == 0)
      let runs = try #require(
        try JSONSerialization.jsonObject(with: Data(listed.output.utf8)) as? [[String: Any]])
      #expect(runs.count == 2)
      let broken = try #require(runs.first { $0["name"] as? String == "wasps" })
      #expect(broken["state"] as? String == "unreadable")
      #expect((broken["error"] as? String)?.contains("wasps/history.sqlite") == true)
    }

    @Test("a run's name means the run, also where a folder or file of that name lies here")
    func hidden() throws {
      try home.trainToTheEnd("moths")
      let here = home.path + "/here"
      try FileManager.default.createDirectory(
        atPath: here + "/moths", withIntermediateDirectories: true)
      let images = here + "/images"
      let written = try home.dinod("images", home.path + "/recipe.yaml", "--to", images).wait()
      #expect(written.code == 0)
      func embed(_ weights: String, _ name: String) throws -> Program.Ending {
        try home.start([
          "/bin/sh", "-c",
          "cd \(here) && exec \(Sandbox.programs)/dinod embed \(weights) \(images) "
            + "--dir \(home.runs) --to \(name).npy",
        ]).wait()
      }
      let embedded = try embed("moths", "run")
      #expect(embedded.code == 0, "\(embedded)")
      #expect(
        embedded.errors.contains("moths is taken for the run; ./moths is what lies here"))
      let stepped = try embed("moths@390", "step")
      #expect(stepped.code == 0, "\(stepped)")
      let folder = try embed("./moths", "folder")
      #expect(folder.code != 0 && folder.errors.contains("./moths: is not a run or a checkpoint"))
      // As a recipe's name, too.
      try Data("no recipe".utf8).write(to: URL(fileURLWithPath: here + "/wasps"))
      try home.trainToTheEnd("wasps")
      let started = try home.start([
        "/bin/sh", "-c",
        "cd \(here) && exec \(Sandbox.programs)/dino start wasps --dir \(home.runs)",
      ]).wait()
      #expect(started.code == 0, "\(started)")
      #expect(started.output.contains("wasps: finished after step 400"))
    }

    @Test("a folder of runs that cannot be written to or read is named, with the reason")
    func unusableFolder() throws {
      try home.write(SmallRecipe.text, to: "recipe.yaml")
      // Nobody may make files there, not even the superuser.
      let closed = "/sys/kernel"
      try #require(FileManager.default.fileExists(atPath: closed))
      let started = try home.start([
        Sandbox.programs + "/dino", "start", home.path + "/recipe.yaml", "--dir", closed,
      ]).wait()
      #expect(started.code != 0 && started.errorLines.count == 1, "\(started)")
      #expect(
        started.errors.contains("\(closed)/") && started.errors.contains("Permission denied"),
        "\(started)")
      let file = home.path + "/recipe.yaml"
      for words in [["ls"], ["status", "moths"], ["start", "moths"]] {
        let ending = try home.start(
          [Sandbox.programs + "/dino"] + words + ["--dir", file]
        ).wait()
        #expect(ending.code != 0 && ending.errors.contains(file), "\(ending)")
      }
    }
  }
}
