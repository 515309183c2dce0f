import CommandKit
import FoundationEssentials
import History
import Screen
import Support
import Wire

extension Subcommand {
  static let start = Subcommand(
    name: "start", operands: "RECIPE.yaml|NAME", count: 1...1,
    summary: "start a run in the background, or resume one that has ended",
    options: [
      Option("--name", "NAME", "name of the run; by default the recipe's"),
      setting,
      Option(
        "--begin-anew", nil,
        "train an existing run from step 0 again; its files so far are kept in its folder"),
      acceptingData, Option("--attach", nil, "show the run at once"), theme, directory,
    ] + processOptions
  ) { arguments in
    try launch(try daemonArguments(arguments), arguments)
  }

  /// Starts a daemon and prints how to reach its run, or shows the run.
  static func launch(_ line: [String], _ arguments: Arguments) throws -> Int32 {
    try checkShow(arguments)
    let process = try Daemon.find().launch(line, runs: arguments.value("--dir"))
    switch try process.waitUntilItAnswers() {
    case .over(let words): print(words)
    case .answers(let run) where arguments.has("--attach"):
      return try show(FoundRun(run), arguments)
    case .answers(let run):
      print(
        """
        \(run.name) is being trained (process \(process.pid))
          look   dino attach \(run.name)\(RunSelection.options(arguments))
          stop   dino stop \(run.name)\(RunSelection.options(arguments))
          files  \(run.path)
        """)
    }
    return 0
  }

  /// Returns the daemon's arguments. A recipe begins a run; a run's name resumes it.
  private static func daemonArguments(_ arguments: Arguments) throws(Failure) -> [String] {
    let word = arguments.operands[0]
    let parent = arguments.value("--dir")
    var line = ["train"]
    // A run's name means the run, whatever lies in the working directory.
    let isRun = !word.contains("/") && RunDirectory(name: word, parent: parent).exists
    if !isRun, FileSystem.exists(word), !FileSystem.isFolder(word) {
      line.append(word)
      if let name = arguments.value("--name") {
        guard !name.isEmpty else { throw Failure("--name is empty; leave it out or give a name") }
        line += ["--name", name]
      }
    } else {
      let run = try existingRun(word, parent)
      guard arguments.value("--name") == nil else {
        throw Failure("--name needs a recipe; '\(word)' is a run and keeps its name")
      }
      line += [run.recipe, "--name", run.name]
      if !arguments.has("--begin-anew") { line.append("--resume") }
    }
    for change in arguments.values("--set") { line += ["--set", change] }
    let passed = [directory, Option("--begin-anew", nil, ""), acceptingData] + processOptions
    return line + words(for: passed, in: arguments)
  }

  /// Returns the options that were given of some, as the daemon takes them.
  static func words(for options: [Option], in arguments: Arguments) -> [String] {
    options.filter { arguments.has($0.name) }.flatMap { option in
      [option.name] + (option.value == nil ? [] : [arguments.value(option.name)!])
    }
  }

  private static func existingRun(_ name: String, _ parent: String?) throws(Failure) -> RunDirectory
  {
    let run = RunDirectory(name: name, parent: parent)
    if !name.contains("/"), run.exists { return run }
    if FileSystem.isFolder(name) {
      throw Failure(
        "\(name) is a folder; a recipe for its images: dino advise \(name) --to recipe.yaml")
    }
    if name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
      let folder = FilePath.parent(of: FilePath.absolute(name))
      let present = (try? FileSystem.names(in: folder)) ?? []
      let own = FilePath.absolute(name).split(separator: "/").last.map(String.init) ?? ""
      let near = nearestName(to: own, among: present).map { "; did you mean '\($0)'?" } ?? ""
      throw Failure("\(name): no such recipe file\(near)")
    }
    let names = try RunSelection.directories(parent).map(\.name)
    let nearest = nearestName(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
    throw Failure("'\(name)' is neither a recipe file nor a run\(nearest)")
  }
}
