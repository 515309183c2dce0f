import Foundation
import History
import Run
import Store
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#endif

extension Programs {
  /// A run whose state cannot be read must not begin at step 0 again.
  @Suite final class LostStateTests {
    let home = Sandbox()

    private func steps(_ name: String) throws -> Int {
      try HistoryReader(directory: home.run(name)).lastStep()
    }

    /// Trains to the end, spoils the state, and expects each way to resume to be refused with the
    /// reason, and nothing to be changed.
    private func expectRefusal(_ reasons: [String], _ spoil: (String) throws -> Void) throws {
      try home.trainToTheEnd("moths", ["optim.epochs=2"])
      try spoil(home.run("moths").checkpoints)
      let (files, samples) = (try names(), try steps("moths"))
      for words in [
        [
          "dinod", "train", home.path + "/recipe.yaml", "--name", "moths", "--set",
          "optim.epochs=2",
        ],
        ["dinod", "train", "--name", "moths", "--resume"], ["dino", "start", "moths"],
      ] {
        let ending = try home.start([Sandbox.programs + "/" + words[0]] + words.dropFirst()).wait()
        #expect(ending.code != 0)
        let line = ending.errorLines.joined(separator: "\n")
        #expect(ending.errorLines.count == 1, "\(ending)")
        for reason in reasons + ["moths has made 80 steps", "--begin-anew"] {
          #expect(line.contains(reason), "\(line)")
        }
        #expect(try names() == files)
        #expect(try steps("moths") == samples)
      }
    }

    private func names() throws -> [String] {
      try FileManager.default.subpathsOfDirectory(atPath: home.run("moths").path)
        .filter { !$0.hasSuffix("-shm") && !$0.hasSuffix("-wal") && $0 != "output" }.sorted()
    }

    private func flip(_ path: String) throws {
      var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      bytes[bytes.count / 2] ^= 1
      try bytes.write(to: URL(fileURLWithPath: path))
    }

    @Test("a flipped bit in every checkpoint is refused, and each is named")
    func damaged() throws {
      let steps = ["000000060", "000000070", "000000080"]
      try expectRefusal(steps) { folder in
        for step in steps { try self.flip("\(folder)/\(step)/teacher.safetensors") }
      }
    }

    @Test("checkpoints that were moved away are refused")
    func moved() throws {
      try expectRefusal(["checkpoints does not exist"]) { folder in
        try FileManager.default.moveItem(atPath: folder, toPath: self.home.path + "/elsewhere")
      }
    }

    @Test("an empty folder of checkpoints, as of a disk that is not mounted, is refused")
    func unmounted() throws {
      try expectRefusal(["the checkpoint of step 80 is not in"]) { folder in
        try FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true)
      }
    }

    @Test("a newest checkpoint that the system cannot read is refused, and older ones stay unused")
    func unreadable() throws {
      try expectRefusal(["000000080/manifest.json", "symbolic links"]) { folder in
        let manifest = folder + "/000000080/manifest.json"
        try FileManager.default.removeItem(atPath: manifest)
        try FileManager.default.createSymbolicLink(
          atPath: manifest, withDestinationPath: manifest)
      }
    }

    @Test("a damaged newest checkpoint is set aside, and the one before it ends with the same bits")
    func fallsBack() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=2"])
      let whole = try home.weights("moths", step: 80)
      try flip(home.run("moths").checkpoints + "/000000080/student.safetensors")
      // A run that has finished is not resumed.
      try home.sql(
        "moths",
        "UPDATE state SET value = replace(value, 'finished', 'running') WHERE key = 'status'")
      try home.trainToTheEnd("moths", ["optim.epochs=2"])
      #expect(try home.weights("moths", step: 80) == whole)
      let names = try FileManager.default.contentsOfDirectory(atPath: home.run("moths").checkpoints)
      #expect(names.contains("000000080.damaged"))
      #expect(try home.events("moths").contains { $0.text.contains("it is kept as") })
    }

    @Test("begun anew on request, a run starts at step 0 and keeps what it was")
    func anew() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=2"])
      let before = try home.weights("moths", step: 80)
      for step in try home.checkpoints("moths").steps() {
        try flip("\(home.checkpoints("moths").path(step: step))/teacher.safetensors")
      }
      let begun = try home.dino("start", "moths", "--begin-anew")
      #expect(begun.code == 0, "\(begun)")
      try eventually("it ends") { home.holder(of: "moths") == nil }
      #expect(try home.weights("moths", step: 80) == before)
      let earlier = home.run("moths").path + "/earlier-1"
      #expect(FileManager.default.fileExists(atPath: earlier + "/history.sqlite"))
      #expect(FileManager.default.fileExists(atPath: earlier + "/checkpoints/000000080"))
    }

    @Test("a run that was killed before its first checkpoint begins again by itself")
    func early() throws {
      let changes = ["session.checkpoint_every=100000", "optim.epochs=2500"]
      let daemon = try home.train("moths", changes)
      try home.waitForStep(20, of: "moths", daemon)
      try daemon.killAtOnce()
      let again = try home.train("moths", changes)
      try home.waitForStep(1, of: "moths", again)
    }
  }
}
