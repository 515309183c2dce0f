import CommandKit
import Engine
import History
import Recipe
import Run
import Store
import Support
import Trainer
import Weights
import Wire

extension Subcommand {
  static let train = Subcommand(
    name: "train", operands: "[RECIPE.yaml]", count: 0...1,
    summary: "train a run in the foreground, or resume it",
    options: [
      Option("--name", "N", "the run's name; by default the recipe's"),
      setting,
      directory,
      Option(
        "--branch-of", "RUN",
        "start the run --name from a checkpoint of RUN, with its recipe changed by --set"),
      Option("--at", "STEP", "with --branch-of: step of the checkpoint; by default the newest"),
      Option("--resume", nil, "refuse to start a new run"),
    ]
  ) { try TrainCommand($0).run() }
}

/// Connects the parts of a run: lock, trainer, sockets, signals.
struct TrainCommand {
  private let recipe: Recipe
  private let directory: RunDirectory
  private var branch: Branch?

  init(_ arguments: Arguments) throws {
    let parent = arguments.value("--dir").map { FilePath.absolute($0) }
    let overrides = arguments.values("--set")
    if let origin = arguments.value("--branch-of") {
      let branch = try Self.branch(arguments, RunDirectory(name: origin, parent: parent), overrides)
      self.branch = branch
      recipe = branch.recipe
      directory = RunDirectory(name: recipe.session.name, parent: parent)
      return
    }
    guard !arguments.has("--at") else {
      throw UsageError("--at needs --branch-of")
    }
    guard let file = arguments.operands.first else {
      guard let name = arguments.value("--name") else {
        throw UsageError("train needs a recipe, or --name of a run to resume")
      }
      directory = RunDirectory(name: name, parent: parent)
      guard directory.exists else { throw RunError.unknown(name: name, path: directory.path) }
      recipe = try Recipe.read(file: directory.recipe).applying(overrides)
      try recipe.checkPaths()
      return
    }
    let name = arguments.value("--name").map { ["session.name=\($0)"] } ?? []
    recipe = try Recipe.read(file: file, overrides: overrides + name)
    try recipe.checkPaths()
    directory = RunDirectory(name: recipe.session.name, parent: parent)
    if arguments.has("--resume") && !directory.exists {
      throw RunError.unknown(name: directory.name, path: directory.path)
    }
    // Checked before the run leaves a trace. A run that has begun no longer needs the weights.
    let weights = recipe.student.pretrainedWeights
    if !directory.exists && !weights.isEmpty {
      try WeightsInput.open(weights, runs: FilePath.parent(of: directory.path))
        .check(EngineShape(recipe, maskRatioMax: recipe.ibot.maskRatioMax).network)
    }
  }

  /// Returns the branch that a command line describes.
  private static func branch(
    _ arguments: Arguments, _ origin: RunDirectory, _ overrides: [String]
  ) throws -> Branch {
    guard let name = arguments.value("--name"), arguments.operands.isEmpty else {
      throw UsageError("--branch-of needs --name for the new run and takes no recipe")
    }
    guard name != origin.name else {
      throw UsageError("a branch needs a new name, not '\(name)'")
    }
    let step = try arguments.integer("--at", in: 0...Int.max)
    let branch = try Branch(of: origin, at: step, overrides: overrides + ["session.name=\(name)"])
    try branch.recipe.checkPaths()
    return branch
  }

  func run() throws -> Int32 {
    Signals.hold()
    try refuseWhatDoesNotFit()
    let lock = try RunLock(directory: directory)
    // Released last: the next owner binds the sockets, whose files this daemon removes when it
    // ends.
    defer { withExtendedLifetime(lock) {} }
    let endpoints = RunEndpoints(
      feed: directory.feedEndpoint, control: directory.controlEndpoint)
    try endpoints.prepareToListen()
    let backend = try Backend(Backend.Choice(recipe))
    try branch?.create(directory)
    try keepRecipe()
    let mailbox = ChangeMailbox()
    let trainer = try Trainer(
      recipe: recipe, directory: directory, program: "dinod \(Version.current)",
      mailbox: mailbox, notices: [backend.choice.notice].compactMap(\.self),
      makeKernels: { backend.makeKernels() })
    let server = try RunServer(
      endpoints: endpoints, record: trainer.record(),
      handler: { request in
        mailbox.post(request)
        return Reply(id: request.id, outcome: .accepted)
      })
    defer { server.stop() }
    let publisher = Publisher(server)
    trainer.observe(by: publisher)
    try Signals.deliver(to: mailbox)
    SystemNotify.send("READY=1\nSTATUS=training \(directory.name)")
    let state = try withExtendedLifetime(publisher) { try trainer.run() }
    SystemNotify.send("STOPPING=1")
    print("\(directory.name): \(state.rawValue) after step \(trainer.step)")
    return 0
  }

  /// Throws if the memory does not suffice or a teacher does not match, before the run's folder is
  /// touched. A run that is being trained is left to the lock: the memory that it uses is no
  /// longer available.
  private func refuseWhatDoesNotFit() throws {
    guard RunLock.holder(of: directory) == nil else { return }
    let isBegun = directory.exists
    // A branch will have the teacher of its parent.
    let teacher = try FrozenTeacher(recipe, of: branch?.parent ?? directory)
    let planned = PlannedMemory(recipe, teacher: teacher)
    if let shortage = planned.shortage(planned.available, isBegun: isBegun) { throw shortage }
  }

  /// Writes the resolved recipe into the run's folder. Throws if the run exists and its recipe
  /// differs in a key that affects the computation.
  private func keepRecipe() throws {
    if directory.exists, let kept = try? Recipe.read(file: directory.recipe) {
      let changed = recipe.keysThatDiffer(from: kept)
      if !changed.isEmpty { throw RunError.anotherRecipe(name: directory.name, keys: changed) }
    }
    try WholeFile.write(recipe.yaml(), to: directory.recipe)
  }
}
