import History
import KernelsCPU
import Metrics
import Recipe
import Store
import Tensor
import Trainer
import Weights
import Wire

extension DaemonCommand {
  static let train = DaemonCommand(
    name: "train", operands: "RECIPE.yaml",
    summary: "trains a run in the foreground, or takes it up where it stands",
    options: [
      CommandOption(name: "name", value: "N", meaning: "the run's name; by default the recipe's"),
      CommandOption(
        name: "set", value: "KEY=VALUE", meaning: "overrides a key of the recipe", repeats: true),
      CommandOption(name: "dir", value: "D", meaning: "the folder that holds runs"),
      CommandOption(name: "resume", value: nil, meaning: "refuses to begin a new run"),
    ],
    operandCount: 0...1
  ) { try TrainCommand($0).run() }
}

/// Wires a run's parts together: lock, trainer, sockets, signals.
struct TrainCommand {
  private let recipe: Recipe
  private let directory: RunDirectory

  init(_ arguments: Arguments) throws {
    let parent = arguments.value("dir").map(absolutePath)
    let overrides = arguments.values["set"] ?? []
    guard let file = arguments.operands.first else {
      guard let name = arguments.value("name") else {
        throw UsageError(description: "train needs a recipe, or --name of a run to take up")
      }
      directory = RunDirectory(name: name, parent: parent)
      guard directory.exists else { throw RunError.unknown(name: name, path: directory.path) }
      recipe = try Recipe.read(file: directory.recipe).applying(overrides)
      try recipe.checkPaths()
      return
    }
    let name = arguments.value("name").map { ["session.name=\($0)"] } ?? []
    recipe = try Recipe.read(file: file, overrides: overrides + name)
    try recipe.checkPaths()
    directory = RunDirectory(name: recipe.session.name, parent: parent)
    if arguments.has("resume") && !directory.exists {
      throw RunError.unknown(name: directory.name, path: directory.path)
    }
    // Asked before the run leaves a trace; one that has begun needs them no more.
    let weights = recipe.student.pretrainedWeights
    if !directory.exists && !weights.isEmpty {
      try WeightsInput.open(weights, runs: FileSystem.parent(of: directory.path))
        .check(EngineShape(recipe, maskRatioMax: recipe.ibot.maskRatioMax).network)
    }
  }

  func run() throws -> Int32 {
    Signals.hold()
    try refuseWhatDoesNotFit()
    let lock = try RunLock(directory: directory)
    // Freed last: who takes it next binds the sockets, whose files this daemon removes as it ends.
    defer { withExtendedLifetime(lock) {} }
    let endpoints = RunEndpoints(
      feed: directory.feedEndpoint, control: directory.controlEndpoint)
    try endpoints.prepareToListen()
    if let problem = CPUKernels.selfCheck() { throw RunError.machine(problem) }
    try keepRecipe()
    let mailbox = CommandMailbox()
    let pool = WorkerPool(threads: recipe.session.threads)
    let computing = ComputePrecision(recipe.train.computePrecision)
    let trainer = try Trainer(
      recipe: recipe, directory: directory, program: "dinod \(CommandLineTool.version)",
      mailbox: mailbox, notices: [computing.notice].compactMap(\.self),
      makeKernels: { CPUKernels(pool: pool, precision: computing.precision) })
    let server = try RunServer(
      endpoints: endpoints, record: trainer.record(),
      handler: { CommandIntake.take($0, into: mailbox) })
    defer { server.stop() }
    let publisher = Publisher(server)
    trainer.observe(by: publisher)
    Signals.deliver(to: mailbox)
    SystemNotify.send("READY=1\nSTATUS=training \(directory.name)")
    let state = try withExtendedLifetime(publisher) { try trainer.run() }
    SystemNotify.send("STOPPING=1")
    print("\(directory.name): \(state.rawValue) after step \(trainer.step)")
    return 0
  }

  /// Before the run's folder is touched; so is a teacher that cannot teach. A run that is being trained is the lock's to refuse: what it
  /// has taken already is no longer available.
  private func refuseWhatDoesNotFit() throws {
    guard RunLock.holder(of: directory) == nil else { return }
    let isBegun = directory.exists
    let memory = RunMemory(recipe, teacher: try FrozenTeacher(recipe, of: directory))
    if let shortage = memory.shortage(.current(), isBegun: isBegun) { throw shortage }
  }

  /// Keeps the resolved recipe with the run; a run that exists already goes on with the recipe it
  /// was begun with, but for what does not change what is computed.
  private func keepRecipe() throws {
    if directory.exists, let kept = try? Recipe.read(file: directory.recipe) {
      let changed = recipe.keysThatDiffer(from: kept)
      if !changed.isEmpty { throw RunError.anotherRecipe(name: directory.name, keys: changed) }
    }
    try writeWhole(recipe.yaml(), to: directory.recipe)
  }
}
