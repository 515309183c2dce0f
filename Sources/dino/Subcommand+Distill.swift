import CommandKit
import FoundationEssentials
import History
import Recipe
import Screen
import Support
import Wire

extension Subcommand {
  static let distill = Subcommand(
    name: "distill", operands: "NAME[@STEP]|WEIGHTS", count: 1...1,
    summary: "start a run whose students learn from the frozen teacher of another",
    options: [
      Option("--arch", "ARCH[,ARCH]", "the student, such as vit_small, or several students"),
      Option("--teacher-arch", "ARCH", "which student of NAME is the teacher, if it has several"),
      Option("--recipe", "RECIPE.yaml", "images, crops and heads; by default the recipe of NAME"),
      Option("--name", "CHILD", "name of the new run; by default NAME and the students"),
      setting,
      Option("--pause-parent", nil, "pause NAME; dino resume continues it"),
      Option("--attach", nil, "show the new run at once"), theme, directory,
    ],
    details:
      "NAME itself does not change: its teacher is copied once. If NAME is being trained, it "
      + "writes a\ncheckpoint first. Without --arch, the recipe and --set describe the student."
  ) { arguments in
    try checkShow(arguments)
    let parent = try DistillationParent(arguments)
    let child = RunDirectory(
      name: try childName(parent, arguments), parent: arguments.value("--dir"))
    guard !child.exists else {
      throw Failure("run '\(child.name)' already exists; choose another name with --name")
    }
    let line = try daemonArguments(parent, child, arguments)
    let process = try Daemon.find().launch(line, runs: arguments.value("--dir"))
    guard case .answers(let run) = try process.waitUntilItAnswers() else {
      print("\(child.name) has already ended; see dino log \(child.name)")
      return 0
    }
    if arguments.has("--pause-parent"), let running = parent.run, running.isTraining {
      guard try answer(.change(.pause), of: running)?.outcome != .rejected
      else {
        throw Failure("\(child.name) is being trained, but \(running.name) did not pause")
      }
    }
    if arguments.has("--attach") { return try show(FoundRun(run), arguments) }
    let recipe = try? Recipe.read(file: child.recipe)
    let from =
      recipe?.hasPrototypes == false
      ? "the features of \(parent.teacher), CLS and patches" : parent.teacher
    print(
      """
      \(child.name) learns from \(from) (process \(process.pid))
        look   dino attach \(child.name)\(RunSelection.options(arguments))
        stop   dino stop \(child.name)\(RunSelection.options(arguments))
        files  \(child.path)
      """)
    return 0
  }

  private static func archs(_ arguments: Arguments) -> [String] {
    (arguments.value("--arch") ?? "").split(separator: ",").map(String.init)
  }

  private static func childName(
    _ parent: DistillationParent, _ arguments: Arguments
  ) throws(UsageError) -> String {
    if let name = arguments.value("--name") { return name }
    guard let run = parent.run else {
      throw UsageError("\(parent.teacher) is not a run; name the new run with --name CHILD")
    }
    let archs = archs(arguments)
    return ([run.name] + (archs.isEmpty ? ["student"] : archs)).joined(separator: "-")
  }

  /// Returns the arguments of `dinod train`: the parent's recipe, or the given one, with the
  /// changes that make it a distillation.
  private static func daemonArguments(
    _ parent: DistillationParent, _ child: RunDirectory, _ arguments: Arguments
  ) throws -> [String] {
    let archs = archs(arguments)
    let given = arguments.values("--set")
    let own = arguments.value("--recipe")
    guard let recipe = own ?? parent.recipe else {
      throw UsageError("\(parent.teacher) is not a run; give a recipe with --recipe RECIPE.yaml")
    }
    guard !archs.isEmpty || own != nil || given.contains(where: { $0.hasPrefix("student.") }) else {
      throw UsageError("name the students, such as --arch vit_small, or --set student.arch=…")
    }
    var changes = [
      "distillation.teacher=\(parent.teacher)",
      "distillation.teacher_arch=\(arguments.value("--teacher-arch") ?? "")",
    ]
    // The initial weights of the parent's student do not apply to other students.
    if own == nil {
      changes += ["student.pretrained_weights=", "distillation.arch=[]"]
      // A run without prototypes, such as one of the coding-rate objective, has features to learn from.
      if try !Recipe.read(file: recipe).hasPrototypes { changes += Recipe.featureDistillation }
    }
    if let first = archs.first {
      changes += ["student.embed_dim=0", "student.depth=0", "student.num_heads=0"]
      changes += ["student.arch=\(first)"]
      let several = archs.count > 1 ? archs.joined(separator: ",") : ""
      changes += ["distillation.arch=[\(several)]"]
    }
    var line = ["train", recipe, "--name", child.name]
    for change in changes + given { line += ["--set", change] }
    if let folder = arguments.value("--dir") { line += ["--dir", folder] }
    return line
  }
}

/// The source of the frozen teacher: a checkpoint of a run, or a file.
private struct DistillationParent {
  /// The teacher as a recipe names it: `NAME@STEP`, or a path.
  let teacher: String
  let run: FoundRun?
  /// The recipe of the run.
  let recipe: String?

  init(_ arguments: Arguments) throws {
    let word = arguments.operands[0]
    let parts = word.split(separator: "@", maxSplits: 1).map(String.init)
    if FileSystem.exists(word) {
      (teacher, run, recipe) = (FilePath.absolute(word), nil, nil)
      return
    }
    guard let name = parts.first, !word.hasSuffix("@") else {
      throw UsageError("'\(word)' is not a run, NAME@STEP or a file of weights")
    }
    let found = try RunSelection.named(name, arguments)
    run = found
    let directory = try found.directory(for: "dino distill")
    recipe = directory.recipe
    guard parts.count == 1 else {
      teacher = word
      return
    }
    if found.isTraining {
      let reply = try Subcommand.answer(.change(.checkpoint()), of: found)
      if reply?.outcome == .rejected {
        throw Failure("\(word): \(reply?.reason ?? "it could not write a checkpoint")")
      }
    }
    guard let step = Self.newest(directory) else {
      throw Failure("run '\(word)' has no checkpoint yet, so there is no teacher to learn from")
    }
    teacher = "\(word)@\(step)"
  }

  /// Returns the newest step with a complete checkpoint.
  private static func newest(_ run: RunDirectory) -> Int? {
    let names = try? FileSystem.names(in: run.checkpoints)
    return (names ?? []).filter {
      FileSystem.exists("\(run.checkpoints)/\($0)/manifest.json")
    }.compactMap { Int($0) }.max()
  }
}
