import Foundation
import History
import Images
import Run
import Testing

extension Commands {
  /// Runs on a folder of images, some of which are damaged.
  @Suite final class FolderTests {
    let home = Sandbox()

    @Test("damaged files are named once each, and the rest is trained on")
    func damagedFiles() throws {
      try paint(["images"], each: 12)
      let damaged = try damage("images")
      // In fourteen passes, each damaged file is read fourteen times.
      let ending = try home.trainToTheEnd(
        "moths", ["data.path=\(home.path)/images", "optim.epochs=1"])
      let all = try home.events("moths").filter { $0.kind == "image" }
      let events = all.filter { !$0.text.contains("of the probe's") }
      for (file, reason) in damaged {
        let named = events.filter { $0.text.contains("/images/\(file): ") }
        #expect(named.count == 1 && named[0].text.contains(reason), "\(file): \(named)")
        #expect(named.allSatisfy { $0.level == .warning })
      }
      #expect(events.count == damaged.count)
      #expect(ending.errors.isEmpty)
      #expect(try HistoryReader(directory: home.run("moths")).lastStep() == 40)
      // There are no classes here, so that there is no k-NN, and scores without labels are measured.
      #expect(all.count == events.count + 1)
      let evaluations = try evaluations()
      #expect(evaluations.map(\.step) == [0, 40] && evaluations.allSatisfy { $0.classes == 0 })
      #expect(evaluations.allSatisfy { $0.values[.rankMe] != nil && $0.values[.lidar] != nil })
      #expect(evaluations.allSatisfy { $0.values[.knnLearned] == nil })
      #expect(
        try home.events("moths").contains {
          $0.text.contains("no labels, so no k-NN; scores without labels are measured on")
        })
    }

    @Test("what a folder has besides images is said once, in the log and by the commands")
    func unused() throws {
      try paint(["images"], each: 12)
      let folder = "\(home.path)/images"
      for (name, bytes) in [("a.avif", "....ftypavif"), ("b.csv", "file,label"), ("c", "b")] {
        try Data(bytes.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
      }
      let line =
        "\(folder): 4 files are not used: 3 text, 1 AVIF (only \(ImageFormat.list("and")) are read)"
      try home.trainToTheEnd("moths", ["data.path=\(folder)", "optim.epochs=1"])
      let events = try home.events("moths").filter { $0.text == line }
      #expect(events.map(\.kind) == ["data"] && events.map(\.level) == [.info])
      let written = try home.dinod(
        "images", "\(home.path)/recipe.yaml", "--set", "data.path=\(folder)", "--to",
        "\(home.path)/written"
      ).wait()
      #expect(written.code == 0 && written.errorLines == ["dinod: " + line], "\(written)")
      let embedded = try home.dinod(
        "embed", "moths", folder, "--dir", home.runs, "--to", "\(home.path)/features.npy"
      ).wait()
      #expect(embedded.code == 0 && embedded.errorLines.contains("dinod: " + line), "\(embedded)")
    }

    @Test(
      "a folder that is away for a while costs no image: the run waits, and ends with the same bits"
    )
    func outage() throws {
      // No image comes twice, so that every step needs files.
      let (folder, away) = ("\(home.path)/images", "\(home.path)/away")
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      let side = 1800
      let pixels: [UInt8] = (0..<side * side).flatMap { at -> [UInt8] in
        [UInt8(at % 251), UInt8(at % 7), 90]
      }
      let picture = Data(encodePNG(RGBImage(width: side, height: side, pixels: pixels)))
      try picture.write(to: URL(fileURLWithPath: folder + "/0.png"))
      for number in 1..<120 {
        try FileManager.default.linkItem(
          atPath: folder + "/0.png", toPath: folder + "/\(number).png")
      }
      let changes = [
        "data.path=\(folder)", "optim.epochs=1.5", "optim.warmup_epochs=0",
        "train.batch_size_per_gpu=2",
      ]
      try home.trainToTheEnd("unbroken", changes)
      let daemon = try home.train("broken", changes)
      try home.waitForStep(20, of: "broken", daemon)
      for seconds in [0.25, 5] {
        try FileManager.default.moveItem(atPath: folder, toPath: away)
        usleep(UInt32(seconds * 1e6))
        if seconds > 1 {
          let status = try waitFor("the run pauses") {
            home.ask("broken", .status)?.status.flatMap { $0.state == .paused ? $0 : nil }
          }
          #expect(status.message?.contains("images cannot be read") == true, "\(status)")
          #expect(status.message?.contains("no such file") == true)
        }
        try FileManager.default.moveItem(atPath: away, toPath: folder)
      }
      #expect(try daemon.wait().code == 0)
      #expect(
        try home.weights("broken", step: 60) == home.weights("unbroken", step: 60))
      #expect(try home.events("broken").contains { $0.kind == "resume" })
      #expect(try !home.events("broken").contains { $0.kind == "image" })
    }

    @Test("a folder with nothing but damaged files ends in one line, and not with exit code 0")
    func nothingReadable() throws {
      let damaged = try damage("images")
      // The second time, the run exists.
      for _ in 0..<2 {
        let ending = try home.train("moths", ["data.path=\(home.path)/images"]).wait()
        #expect(ending.code == 1 && ending.errorLines.count == 1, "\(ending)")
        #expect(ending.errors.contains("none of its \(damaged.count) images can be read"))
      }
      let status = try home.dino("status", "moths")
      #expect(status.code == 1 && status.output.contains("failed: \(home.path)/images: none"))
    }

    @Test("folders are classes: the probe tells how well they are told apart")
    func classes() throws {
      try paint(["images/ants", "images/bees"], each: 20)
      try home.trainToTheEnd(
        "moths", ["data.path=\(home.path)/images", "optim.epochs=2", "probe.every=40"])
      let evaluations = try evaluations()
      #expect(evaluations.map(\.step) == [0, 40, 80])
      for evaluation in evaluations {
        #expect(evaluation.classes == 2 && evaluation.images == 4)
        let accuracies = evaluation.values.keys.filter { $0.group == .evaluation }
        #expect(Set(accuracies) == [.knnLearned, .knnRawPixels, .knnUntrained, .linearLearned])
        #expect(evaluation.values[.rankMe] != nil && evaluation.values[.lidar] != nil)
      }
      // The ants are red and the bees blue, so that raw pixels separate them.
      #expect(evaluations.last?.values[.knnRawPixels] == 1)
      #expect(evaluations.last?.values[.linearLearned] == 1)
    }

    @Test("the probe and dinod eval hold out the same images of a folder")
    func sameImages() throws {
      try paint(["images/ants", "images/bees"], each: 20)
      let folder = "\(home.path)/images"
      try home.trainToTheEnd("moths", ["data.path=\(folder)", "optim.epochs=1"])
      let out = "\(home.path)/eval"
      let evaluated = try home.dinod(
        "eval", "knn", "moths", folder, "--dir", home.runs, "--to", out
      ).wait()
      #expect(evaluated.code == 0, "\(evaluated)")
      let table = try String(contentsOfFile: out + "/predictions.csv", encoding: .utf8)
      let files = table.split(separator: "\n").dropFirst().map {
        String($0.prefix { $0 != "," })
      }
      let queries = "\(home.path)/queries"
      let written = try home.dinod(
        "images", "\(home.path)/recipe.yaml", "--set", "data.path=\(folder)", "--of", "queries",
        "--to", queries
      ).wait()
      #expect(written.code == 0, "\(written)")
      let pictures = try FileManager.default.subpathsOfDirectory(atPath: queries)
        .filter { $0.hasSuffix(".png") }.map { "\(queries)/\($0)" }
      // All pictures differ.
      func pixels(_ paths: [String]) throws -> Set<[UInt8]> {
        Set(try paths.map { try decode(path: $0).pixels })
      }
      #expect(files.count == 4 && pictures.count == 4)
      #expect(try pixels(files) == pixels(pictures))
      #expect(try evaluations().allSatisfy { $0.images == 4 })
    }

    @Test("images that the probe cannot read are counted once in the log and left out")
    func unreadable() throws {
      try paint(["images/ants", "images/bees"], each: 20)
      try damage("images/ants")
      try home.trainToTheEnd(
        "moths", ["data.path=\(home.path)/images", "optim.epochs=2", "probe.every=40"])
      let told = try home.events("moths").filter { $0.text.contains("of the probe's") }
      #expect(told.count == 1 && told[0].level == .warning)
      #expect(told[0].text.hasPrefix("3 of the probe's 43 images cannot be read"), "\(told)")
      #expect(try evaluations().map(\.images) == [4, 4, 4])
    }

    @Test("classes of one image are no reason to say that there are no labels")
    func single() throws {
      try paint(["images/ants", "images/bees"], each: 1)
      try home.trainToTheEnd("moths", ["data.path=\(home.path)/images", "optim.epochs=1"])
      let said = try home.events("moths").first { $0.kind == "data" }?.text ?? ""
      #expect(said.contains("no class has two images, so none can be held out, so no k-NN"))
    }

    @Test("a run on a folder that is killed goes on with the same images in the same order")
    func killed() throws {
      try paint(["images"], each: 10)
      try damage("images")
      let folder = "data.path=\(home.path)/images"
      try home.trainToTheEnd("unbroken", [folder])
      let daemon = try home.train("broken", [folder])
      try home.waitForStep(137, of: "broken", daemon)
      try daemon.killAtOnce()
      try home.trainToTheEnd("broken", [folder])
      #expect(
        try home.weights("broken", step: SmallRecipe.steps)
          == home.weights("unbroken", step: SmallRecipe.steps))
    }
  }
}

extension Commands.FolderTests {
  private func evaluations() throws -> [ProbeResult] {
    try HistoryReader(directory: home.run("moths")).evaluations()
  }

  /// Fills folders with pictures. Each folder has its own colour.
  private func paint(_ folders: [String], each: Int) throws {
    for (number, folder) in folders.enumerated() {
      try home.write("not an image, and not named like one", to: folder + "/notes.txt")
      for picture in 0..<each {
        let pixels = (0..<36 * 30 * 3).map { index in
          index % 3 == number * 2 ? 200 + UInt8(picture) : UInt8((index / 3 * (picture + 3)) % 90)
        }
        try RGBImage(width: 36, height: 30, pixels: pixels)
          .writePNG(path: "\(home.path)/\(folder)/\(picture).png")
      }
    }
  }

  /// Adds damaged files. Returns the name of each and the expected message.
  @discardableResult
  private func damage(_ folder: String) throws -> [String: String] {
    try home.write("Dear diary,\n", to: folder + "/text.jpg")
    try home.write("", to: folder + "/empty.png")
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent()
    let sound = try Data(
      contentsOf: tests.appendingPathComponent("ImagesTests/Fixtures/baseline.jpg"))
    try sound.prefix(sound.count * 2 / 3)
      .write(to: URL(fileURLWithPath: "\(home.path)/\(folder)/cut.jpg"))
    return ["text.jpg": "not JPEG, PNG", "empty.png": "empty", "cut.jpg": "damaged"]
  }
}
