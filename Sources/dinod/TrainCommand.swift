import CommandKit
import Engine
import History
import Recipe
import Run
import Store
import Support
import Tensor
import Trainer
import Weights
import Wire

/// Connects the parts of a run: lock, trainer, sockets, signals.
struct TrainCommand {
  let recipe: Recipe
  let directory: RunDirectory
  /// How a run begins that does not begin with its recipe alone.
  private let beginning: (any RunBeginning)?
  private let beginsAnew: Bool
  private let acceptsData: Bool
  private let isQuiet: Bool
  private let requeues: Bool
  private let tracePath: String?
  /// The step after which the run is stopped; `nil` for its end.
  private let last: Int?
  /// How many steps a finished run goes on for, and with what factor on its rate; `nil` if it does not.
  private let extra: (steps: Int, lrFactor: Double?)?
  private let team: ProcessTeam

  /// - Parameter team: the processes that share the run's ranks.
  init(_ arguments: Arguments, team: ProcessTeam = ProcessTeam()) throws {
    self.team = team
    let parent = arguments.value("--dir").map { FilePath.absolute($0) }
    beginsAnew = arguments.has("--begin-anew")
    acceptsData = arguments.has("--accept-data")
    isQuiet = arguments.has("--quiet")
    requeues = arguments.has("--requeue")
    if requeues { try SlurmJob.check() }
    tracePath = arguments.value("--trace").map { FilePath.absolute($0) }
    last = try arguments.integer("--until", in: 1...Int.max)
    extra = try Self.extra(arguments)
    beginning = try Self.beginning(arguments, parent)
    if let beginning {
      recipe = beginning.recipe
      directory = RunDirectory(name: recipe.session.name, parent: parent)
      return
    }
    let overrides = arguments.values("--set")
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
    (recipe, directory) = try FeatureDistillation.recipe(
      file, overrides + name, parent: parent, isNew: beginsAnew)
    try recipe.checkPaths()
    if arguments.has("--resume") || extra != nil, !directory.exists {
      throw RunError.unknown(name: directory.name, path: directory.path)
    }
    try checkWeights()
  }

  /// Checks a new run's initial weights before it leaves a trace. A run that has begun no longer
  /// needs them.
  private func checkWeights() throws {
    let weights = recipe.student.pretrainedWeights
    guard !directory.exists && !weights.isEmpty else { return }
    try WeightsInput.open(weights, runs: FilePath.parent(of: directory.path))
      .check(EngineShape(recipe, maskRatioMax: recipe.ibot.maskRatioMax).network)
  }

  /// Returns how a finished run is extended; `nil` if it is not.
  private static func extra(_ arguments: Arguments) throws -> (steps: Int, lrFactor: Double?)? {
    let factor = try arguments.number("--lr-factor", in: PhaseRequest.factorLimits)
    guard let steps = try arguments.integer("--extend", in: PhaseRequest.stepLimits) else {
      guard factor == nil else { throw UsageError("--lr-factor needs --extend") }
      return nil
    }
    let others = ["--begin-anew", "--branch-of", "--replay"].filter(arguments.has)
    guard others.isEmpty else {
      throw UsageError("--extend and \(others[0]) cannot be used together")
    }
    return (steps, factor)
  }

  /// Returns the branch or the replay that a command line describes; `nil` if it describes neither.
  private static func beginning(
    _ arguments: Arguments, _ parent: String?
  ) throws -> (any RunBeginning)? {
    let needs = [("--at", "--branch-of"), ("--without", "--replay")]
    for (option, other) in needs where arguments.has(option) && !arguments.has(other) {
      throw UsageError("\(option) needs \(other)")
    }
    let given = ["--branch-of", "--replay"].filter(arguments.has)
    guard let option = given.first else { return nil }
    guard given.count == 1, !arguments.has("--begin-anew") else {
      throw UsageError("--begin-anew, --branch-of and --replay cannot be used together")
    }
    guard let name = arguments.value("--name"), arguments.operands.isEmpty else {
      throw UsageError("\(option) needs --name for the new run and takes no recipe")
    }
    let origin = RunDirectory(name: arguments.value(option)!, parent: parent)
    guard name != origin.name else {
      throw UsageError("the new run needs a new name, not '\(name)'")
    }
    let overrides = arguments.values("--set") + ["session.name=\(name)"]
    let beginning: any RunBeginning =
      option == "--replay"
      ? try Replay(of: origin, without: arguments.values("--without"), overrides: overrides)
      : try Branch(
        of: origin, at: try arguments.integer("--at", in: 0...Int.max), overrides: overrides)
    try beginning.recipe.checkPaths()
    return beginning
  }

  func run() throws -> Int32 {
    let service = try ServiceObserver()
    try recipe.check(processes: team.place.count)
    try refuseWhatDoesNotFit()
    _ = try NoticeObserver.destinations(recipe)
    let lock = try RunLock(directory: directory)
    // Released last: the next owner binds the sockets, whose files this daemon removes when it
    // ends.
    defer { withExtendedLifetime(lock) {} }
    let endpoints = RunEndpoints(
      feed: directory.feedEndpoint, control: directory.controlEndpoint)
    try endpoints.prepareToListen()
    let backend = try Backend(Backend.Choice(recipe, place: team.place))
    if beginsAnew { try setAside() }
    let mailbox = ChangeMailbox()
    let trainer = try makeTrainer(backend, mailbox, lock)
    if trainer.isFinished { return try report(try trainer.run(), trainer) }
    trainer.tracing = tracePath.map { StepTracing(path: $0) }
    trainer.last = last
    let record = try trainer.record()
    let server = try RunServer(
      endpoints: endpoints, record: record,
      handler: { request in
        mailbox.post(request)
        return Reply(id: request.id, outcome: .accepted)
      })
    defer { server.stop() }
    let outputs = try Outputs(recipe, of: directory, trainer.status)
    defer { outputs.stop() }
    let observers = ObserverGroup(
      [Publisher(server, isQuiet: isQuiet), RunGuard(record, recipe, mailbox: mailbox)]
        + outputs.observers + [service].compactMap(\.self))
    trainer.observe(by: observers)
    try Signals.deliver(to: mailbox)
    SystemNotify.send("READY=1\nSTATUS=training \(directory.name)")
    let state = try withExtendedLifetime(observers) { try trainer.run() }
    SystemNotify.send("STOPPING=1")
    if requeues, state == .stopped { try SlurmJob.requeueIfAsked() }
    return try report(state, trainer)
  }

  /// Prints how the run ended, and of a replay whether it came to the same weights. Returns the exit
  /// code.
  private func report(_ state: RunState, _ trainer: Trainer) throws -> Int32 {
    print("\(directory.name): \(state.rawValue) after step \(trainer.step)")
    if let origin = try directory.origin(), origin.kind == RunOrigin.replay,
      let line = try Replay.comparison(of: directory, with: directory.sibling(origin.run))
    {
      print("\(directory.name): \(line)")
    }
    return 0
  }

  /// Prepares the run's folder and restores the run. A branch that cannot begin leaves nothing
  /// behind, since it would be a run that nobody can resume.
  private func makeTrainer(
    _ backend: Backend, _ mailbox: ChangeMailbox, _ lock: RunLock
  ) throws -> Trainer {
    let isNew = try beginning?.isNeeded(directory) ?? false
    do {
      if isNew { try beginning?.create(directory) }
      try checkRecipe()
      // A run that exists keeps its recipe as it is until it is certain that it resumes.
      let exists = directory.exists
      if !exists { try keepRecipe() }
      let trainer = try Trainer(
        recipe: recipe, directory: directory, program: "dinod \(Version.current)",
        mailbox: mailbox, lock: lock, notices: [backend.choice.notice].compactMap(\.self),
        acceptsChangedImages: acceptsData, team: team,
        makeKernels: { backend.makeKernels(nil, $0) })
      if exists { try keepRecipe() }
      if let extra {
        try trainer.extend(
          by: extra.steps, baseLrFactor: extra.lrFactor, client: ClientName.of("dino extend"))
      }
      return trainer
    } catch {
      if isNew { try? FileSystem.remove(directory.path) }
      throw error
    }
  }

  /// Moves the run's state and history to a folder `earlier-1`, `earlier-2`, … within the run's
  /// folder, so that the run begins at step 0 and nothing is lost.
  private func setAside() throws {
    if let origin = try directory.branchOrigin() {
      throw UsageError(
        "\(directory.name) is a branch; begin it again with: dino branch \(origin.run) "
          + "--at \(origin.step) --name ANOTHER")
    }
    let present = try FileSystem.names(in: directory.path)
    let number = (1...).first { !present.contains("earlier-\($0)") }!
    let folder = "\(directory.path)/earlier-\(number)"
    // The log stays: it tells the story of the folder.
    let moved = present.filter {
      ["checkpoints", "recipe.yaml", "tensorboard"].contains($0) || $0.hasPrefix("images")
        || $0.hasPrefix("history.sqlite")
    }
    guard !moved.isEmpty else { return }
    try FileSystem.makeFolder(folder)
    for name in moved { try FileSystem.move("\(directory.path)/\(name)", to: "\(folder)/\(name)") }
    try FileSystem.flushFolder(folder)
    try FileSystem.flushFolder(directory.path)
    print("what \(directory.name) was so far is kept in \(folder)")
  }

  /// Throws if the memory does not suffice or a teacher does not match, before the run's folder is
  /// touched. A run that is being trained is left to the lock: the memory that it uses is no
  /// longer available.
  private func refuseWhatDoesNotFit() throws {
    guard RunLock.holder(of: directory) == nil else { return }
    let isBegun = directory.exists
    // A branch or a replay will have the teacher of its parent.
    let teacher = try FrozenTeacher(recipe, of: beginning?.parent ?? directory)
    let planned = PlannedMemory(recipe, teacher: teacher, place: team.place)
    if let shortage = planned.shortage(planned.available, isBegun: isBegun) { throw shortage }
  }

  /// Throws if the run exists and its recipe differs in a key that affects the computation, or
  /// cannot be read.
  private func checkRecipe() throws {
    guard directory.exists, try FileSystem.status(directory.recipe) != nil else { return }
    let changed = recipe.keysThatDiffer(from: try Recipe.read(file: directory.recipe))
    if !changed.isEmpty { throw RunError.anotherRecipe(name: directory.name, keys: changed) }
  }

  /// Writes the resolved recipe into the run's folder.
  private func keepRecipe() throws {
    try WholeFile.write(recipe.yaml(), to: directory.recipe)
  }
}
