import Foundation
import History
import Images
import Run
import Testing

extension Programs {
  /// A run knows its images, and tells when they are others.
  @Suite final class ChangedDataTests {
    let home = Sandbox()

    private var folder: String { home.path + "/images" }
    private var changes: [String] { ["data.path=\(folder)", "probe.every=20"] }

    private func paint(_ names: [String], size: Int = 30) throws {
      for name in names {
        let path = folder + "/" + name
        try FileManager.default.createDirectory(
          atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
          withIntermediateDirectories: true)
        let shade = UInt8(truncatingIfNeeded: name.utf8.reduce(7) { $0 &* 31 &+ Int($1) })
        let pixels = (0..<3 * size * size).map { UInt8(truncatingIfNeeded: $0 * 7) ^ shade }
        try RGBImage(width: size, height: size, pixels: pixels).writePNG(path: path)
      }
    }

    private func paintClasses() throws {
      for name in ["ant", "bee"] { try paint((0..<10).map { "\(name)/\($0).png" }) }
    }

    /// Trains for some steps, and stops.
    private func trainAndStop() throws -> Int {
      let daemon = try home.train("moths", changes)
      try home.waitForStep(50, of: "moths", daemon)
      try stop(daemon)
      return try HistoryReader(directory: home.run("moths")).lastStep()
    }

    private func stop(_ daemon: Program) throws {
      daemon.kill(SIGTERM)
      #expect(try daemon.wait().code == 0)
    }

    private func results() throws -> [ProbeResult] {
      try HistoryReader(directory: home.run("moths")).evaluations()
    }

    private func data() throws -> [String] {
      try home.events("moths").filter { $0.kind == "data" }.map(\.text)
    }

    @Test("a run whose images have changed is refused, in one line, and nothing is touched")
    func refused() throws {
      try paintClasses()
      _ = try trainAndStop()
      let index = try Data(contentsOf: URL(fileURLWithPath: home.run("moths").images))
      let before = try home.checkpoints("moths").list().map(\.step)
      try paint(["cow/1.png", "cow/2.png", "ant/new.png"])
      try FileManager.default.removeItem(atPath: folder + "/bee/3.png")
      for words in [
        ["dinod", "train", "--name", "moths", "--resume"], ["dino", "start", "moths"],
      ] {
        let ending = try home.start([Sandbox.programs + "/" + words[0]] + words.dropFirst()).wait()
        #expect(ending.code != 0 && ending.errorLines.count == 1, "\(ending)")
        let line = ending.errorLines.joined()
        #expect(
          line.contains(
            "moths was trained with other images: 3 added (2 of cow, 1 of ant), 1 gone (1 of bee)"),
          "\(line)")
        #expect(line.contains("dino start moths --accept-data"))
      }
      #expect(try Data(contentsOf: URL(fileURLWithPath: home.run("moths").images)) == index)
      #expect(try home.checkpoints("moths").list().map(\.step) == before)
    }

    @Test("with --accept-data it goes on, says what differs, and measures its baselines anew")
    func accepted() throws {
      try paintClasses()
      let stopped = try trainAndStop()
      let old = try #require(try results().first)
      #expect(old.classes == 2 && old.data?.count == 16)
      try paint((0..<12).map { "cow/\($0).png" })
      let again = try home.train("moths", changes, options: ["--accept-data"])
      #expect(try again.wait().code == 0)

      let new = try results().filter { $0.step >= stopped }
      let first = try #require(new.first)
      // The same untrained network and the same pixels, on other images.
      #expect(first.step == stopped && first.classes == 3 && first.data != old.data)
      #expect(first.values[.knnUntrained] != nil && first.values[.knnRawPixels] != nil)
      #expect(first.values[.knnLearned] != nil)
      #expect(new.allSatisfy { $0.data == first.data && $0.classes == 3 })
      #expect(
        new.allSatisfy { $0.values[.knnUntrained] == first.values[.knnUntrained] })
      let texts = try data()
      #expect(texts.contains("the images differ: 12 added (12 of cow)"), "\(texts)")
      #expect(
        texts.contains { $0.contains("from step \(stopped + 1) on they come in another order") })
      let kept = home.run("moths").images(until: stopped)
      #expect(FileManager.default.fileExists(atPath: kept))

      // The same as a fresh run measures on these images.
      try home.trainToTheEnd("fresh", changes)
      let fresh = try #require(
        try HistoryReader(directory: home.run("fresh")).evaluations().first)
      #expect(fresh.values[.knnUntrained] == first.values[.knnUntrained])
      #expect(fresh.values[.knnRawPixels] == first.values[.knnRawPixels])
      #expect(fresh.data == first.data)
      // Accepted once, they are the run's own.
      #expect(try home.dinod("train", "--name", "moths", "--resume").wait().code == 0)
    }

    @Test("measuring baselines anew changes no bit of what is trained")
    func sameBits() throws {
      try paintClasses()
      let stopped = try trainAndStop()
      let probed = home.run("moths").path
      let other = home.run("wasps").path
      try FileManager.default.copyItem(atPath: probed, toPath: other)
      try paint(["cow/1.png", "cow/2.png"])
      for (name, every) in [("moths", 20), ("wasps", 0)] {
        let daemon = try home.dinod(
          "train", "--name", name, "--resume", "--accept-data", "--set", "probe.every=\(every)",
          "--set", "session.checkpoint_every=\(stopped + 5)", "--set",
          "session.checkpoint_keep_every=\(stopped + 5)")
        try home.waitForStep(stopped + 6, of: name, daemon)
        try stop(daemon)
      }
      #expect(
        try home.weights("moths", step: stopped + 5)
          == home.weights("wasps", step: stopped + 5))
    }

    @Test("a folder that was moved is the same data; another folder or embedded images are not")
    func moved() throws {
      try paintClasses()
      _ = try trainAndStop()
      try FileManager.default.moveItem(atPath: folder, toPath: home.path + "/elsewhere")
      let embedded = try home.dinod(
        "train", "--name", "moths", "--set", "data.path=embedded"
      ).wait()
      #expect(embedded.code != 0 && embedded.errors.contains("data.path"), "\(embedded)")
      let resumed = try home.dinod(
        "train", "--name", "moths", "--resume", "--set", "data.path=\(home.path)/elsewhere"
      ).wait()
      #expect(resumed.code == 0, "\(resumed)")
      #expect(try data().allSatisfy { !$0.contains("differ") })
    }

    @Test("images that were trained on and are held out now are counted")
    func leak() throws {
      // The only image of a class is trained on, and one of two is held out.
      try paint((0..<10).map { "ant/\($0).png" } + (0..<10).map { "ant/more/\($0).png" })
      try paint(["bee/1.png"])
      _ = try trainAndStop()
      try paint(["bee/2.png"], size: 31)
      let daemon = try home.train("moths", changes, options: ["--accept-data"])
      try home.waitForStep(100, of: "moths", daemon)
      try stop(daemon)
      let texts = try data()
      // Of a class of two, bee/1 has the lower hash.
      #expect(
        texts.contains(
          "the images differ: 1 added (1 of bee); the run has trained on 1 of the images that the "
            + "probe predicts now"), "\(texts)")
    }

    @Test("a branch says how its images differ from its parent's")
    func branch() throws {
      try paintClasses()
      _ = try trainAndStop()
      try paint(["cow/1.png", "cow/2.png"])
      let ending = try home.dinod(
        "train", "--branch-of", "moths", "--name", "wasps"
      ).wait()
      #expect(ending.code == 0, "\(ending)")
      let texts = try home.events("wasps").filter { $0.kind == "data" }.map(\.text)
      #expect(
        texts.contains(
          "the images differ from those of the run that it branched from: 2 added (2 of cow)"),
        "\(texts)")
    }

    @Test("an index that cannot be read is not taken for none")
    func damagedIndex() throws {
      try paintClasses()
      _ = try trainAndStop()
      try Data("nothing".utf8).write(to: URL(fileURLWithPath: home.run("moths").images))
      let ending = try home.dinod("train", "--name", "moths", "--resume").wait()
      #expect(ending.code != 0 && ending.errors.contains("images.csv:1: is no index"), "\(ending)")
    }
  }
}
