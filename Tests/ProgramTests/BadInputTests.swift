import Foundation
import History
import Store
import Testing

#if canImport(Glibc)
  import Glibc
#endif

extension Commands {
  /// Wrong input gives one clear line on stderr each time, and an exit code that is not zero.
  @Suite final class BadInputTests {
    let home = Sandbox()

    struct Mistake: CustomTestStringConvertible, Sendable {
      let testDescription: String
      let settings: [String]
      /// The texts that the line must contain; HOME stands for the sandbox.
      let hints: [String]

      init(_ description: String, _ settings: [String], _ hints: String...) {
        (testDescription, self.settings, self.hints) = (description, settings, hints)
      }
    }

    static let mistakes = [
      Mistake(
        "a folder that is not there", ["data.path=HOME/none"], "HOME/none: No such file",
        "--set data.path="),
      Mistake("a folder without images", ["data.path=HOME/empty"], "HOME/empty: no JPEG, PNG"),
      Mistake("a file for a folder", ["data.path=HOME/recipe.yaml"], "not a folder"),
      Mistake("letters for a number", ["optim.base_lr=abc"], "optim.base_lr", "number", "abc"),
      Mistake("a key with a typo", ["optim.base_lrr=1"], "did you mean optim.base_lr?"),
      Mistake("an impossible value", ["train.batch_size_per_gpu=0"], "train.batch_size_per_gpu"),
      Mistake("a name that is a path", ["session.name=../up"], "session.name"),
    ]

    @Test(
      "a wrong recipe is refused in one line by dinod, and by dino start", arguments: mistakes)
    func wrongRecipe(mistake: Mistake) throws {
      try FileManager.default.createDirectory(
        atPath: home.path + "/empty", withIntermediateDirectories: true)
      let recipe = try home.write(SmallRecipe.text, to: "recipe.yaml")
      let settings = mistake.settings.flatMap { ["--set", inHome($0)] }
      let direct = try home.dinod(["train", recipe] + settings).wait()
      try expectOneLine(direct, from: "dinod", mistake.hints)
      let started = try home.dino(["start", recipe] + settings)
      try expectOneLine(started, from: "dino", mistake.hints)
      // Both programs print the same error, once.
      #expect(started.errors.replacing("dino: ", with: "dinod: ") == direct.errors)
      #expect(try RunDirectory.list(parent: home.runs).isEmpty)
    }

    @Test("a typo in a recipe is shown with its file, line and the nearest key")
    func typo() throws {
      let text = SmallRecipe.text.replacing("num_heads", with: "num_head")
      let recipe = try home.write(text, to: "recipe.yaml")
      try expectOneLine(
        try home.dinod("train", recipe).wait(), from: "dinod",
        ["recipe.yaml:5", "student.num_head", "did you mean student.num_heads?"])
    }

    @Test("a runtime folder too deep for sockets is refused with the remedy, before a run is begun")
    func longPath() throws {
      let deep = home.path + "/" + String(repeating: "deep", count: 25)
      try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: true)
      home.environment["XDG_RUNTIME_DIR"] = deep
      let recipe = try home.write(SmallRecipe.text, to: "recipe.yaml")
      try expectOneLine(
        try home.dinod("train", recipe).wait(), from: "dinod", ["106", "XDG_RUNTIME_DIR"])
      try expectOneLine(try home.dino("start", recipe), from: "dino", ["106", "XDG_RUNTIME_DIR"])
      #expect(try RunDirectory.list(parent: home.runs).isEmpty)
    }

    @Test("a folder of runs that cannot be made is named")
    func runsFolder() throws {
      let recipe = try home.write(SmallRecipe.text, to: "recipe.yaml")
      let hints = ["/proc/none", "No such file"]
      try expectOneLine(
        try home.dinod("train", recipe, "--dir", "/proc/none").wait(), from: "dinod", hints)
      try expectOneLine(try home.dino("start", recipe, "--dir", "/proc/none"), from: "dino", hints)
    }

    @Test("an empty name is no name: the run gets its recipe's")
    func emptyName() throws {
      let recipe = try home.write(SmallRecipe.text, to: "moths.yaml")
      #expect(try home.dinod("train", recipe, "--name", "").wait().code == 0)
      #expect(try RunDirectory.list(parent: home.runs).map(\.name) == ["moths"])
    }

    @Test("a run that is not there, or not running, is told from one that is mistyped")
    func unknownRun() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=1"])
      for words in [["status"], ["pause"], ["attach"], ["log"], ["start"]] {
        try expectOneLine(
          try home.dino(words + ["mohts"]), from: "dino", ["'mohts'", "did you mean 'moths'?"])
      }
      try expectOneLine(
        try home.dino("pause", "moths"), from: "dino", ["has finished", "dino branch"])
      let negative = try home.dino("set", "moths", "lr", "-1")
      try expectOneLine(negative, from: "dino", ["lr must be from 0.0 to 1.0, not -1.0"])
      for (words, hint) in [
        (["status", "moths", "--every", "2"], "--every needs --follow"),
        (["status", "moths", "--follow", "--json"], "--follow and --json cannot"),
        (["start", "moths", "--theme", "dino"], "--theme needs --attach"),
        (["start", "moths", "--attach"], "not a terminal"),
        (["start", "moths", "--attach", "--theme", "nosuch"], "nosuch"),
      ] { try expectOneLine(try home.dino(words), from: "dino", [hint]) }
      try expectOneLine(try home.dino("pause"), from: "dino", ["no run is being trained"])
      try expectOneLine(
        try home.dino("start", "none.yaml"), from: "dino", ["none.yaml", "no such recipe"])
      try expectOneLine(
        try home.dinod("train", "--name", "mohts").wait(), from: "dinod", ["no run 'mohts'"])
    }

    @Test("a second daemon is kept off a run, which does not notice")
    func secondDaemon() throws {
      let endless = "optim.epochs=25000"
      let first = try home.train("moths", [endless])
      let step = try home.waitForStep(1, of: "moths", first)
      let hints = ["already being trained by process \(first.pid)", "dino attach moths"]
      try expectOneLine(try home.train("moths", [endless]).wait(), from: "dinod", hints)
      try expectOneLine(try home.dino("start", "moths"), from: "dino", hints)
      try home.waitForStep(step + 1, of: "moths", first)
      #expect(try home.dino("stop", "moths").code == 0)
      #expect(try first.wait().code == 0)
    }

    @Test("a run is not taken up with another recipe, but with other intervals and threads")
    func anotherRecipe() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=1"])
      let weights = try home.weights("moths", step: 40)
      try expectOneLine(
        try home.train("moths", ["optim.epochs=2", "student.depth=2"]).wait(), from: "dinod",
        ["student.depth", "optim.epochs", "--name", "dino start moths"])
      #expect(try home.weights("moths", step: 40) == weights)
      let harmless = ["optim.epochs=1", "session.threads=2", "probe.every=0"]
      #expect(try home.train("moths", harmless).wait().code == 0)
    }

    @Test("a damaged checkpoint is named, and the one before it is taken")
    func damagedCheckpoint() throws {
      let daemon = try home.train("moths")
      try home.waitForStep(125, of: "moths", daemon)
      try daemon.killAtOnce()
      let newest = try #require(try home.checkpoints("moths").list().last)
      flipBit(of: newest.file("student.safetensors"))
      let before = try #require(try home.checkpoints("moths").list().dropLast().last).step

      let ending = try home.trainToTheEnd("moths")
      #expect(ending.output.contains("\(newest.path)/student.safetensors: is damaged"))
      let events = try home.events("moths")
      let damage = try #require(events.first { $0.kind == "checkpoint" && $0.level == .warning })
      #expect(damage.text.contains("\(newest.path)/student.safetensors"))
      #expect(damage.text.contains("does not match its checksum"))
      #expect(events.contains { $0.text.contains("resumes after step \(before):") })
      // Only time was lost.
      try home.trainToTheEnd("unbroken")
      #expect(
        try home.weights("moths", step: SmallRecipe.steps)
          == home.weights("unbroken", step: SmallRecipe.steps))
    }
  }
}

extension Commands.BadInputTests {
  private func inHome(_ text: String) -> String { text.replacing("HOME", with: home.path) }

  private func expectOneLine(
    _ ending: Program.Ending, from program: String, _ hints: [String],
    at place: SourceLocation = #_sourceLocation
  ) throws {
    #expect(ending.code != 0 && ending.code < 128, "\(ending)", sourceLocation: place)
    #expect(ending.errorLines.count == 1, "\(ending)", sourceLocation: place)
    let line = ending.errors
    #expect(line.hasPrefix("\(program): "), sourceLocation: place)
    for hint in hints { #expect(line.contains(inHome(hint)), sourceLocation: place) }
  }

  private func flipBit(of path: String) {
    var bytes = [UInt8](FileManager.default.contents(atPath: path)!)
    bytes[bytes.count / 2] ^= 0x04
    try! Data(bytes).write(to: URL(fileURLWithPath: path))
  }
}
