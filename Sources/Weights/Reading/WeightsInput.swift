import History
import Model
import Recipe
import Store

/// Weights that are open for reading: the tensors' names are known, their values not yet read.
package struct WeightsInput {
  let tensors: OfficialTensors
  let facts: SourceFacts
  /// The run, checkpoint, folder or file, as it was found.
  package let path: String
  /// The recipe that made them, where it is kept with them.
  package let recipe: Recipe?
  /// The checkpoint that they are from, and which of its networks they are.
  package let checkpoint: Checkpoint?
  package let part: NetworkPart?
  /// The run that they are from.
  package let run: RunDirectory?

  /// Finds what `path` stands for: a run's name or folder (its newest whole checkpoint), a
  /// checkpoint, a folder with `model.safetensors` or `pytorch_model.bin`, or a file.
  ///
  /// - Parameters:
  ///   - which: nil: the teacher where there are both.
  ///   - runs: the folder that holds runs; nil: the customary one.
  package static func open(
    _ path: String, which: NetworkPart? = nil, runs: String? = nil
  ) throws(StoreError) -> WeightsInput {
    switch try WeightsPlace(path, runs: runs) {
    case .checkpoint(let checkpoint, let run):
      return try WeightsInput(checkpoint, which: which ?? .teacher, run: run)
    case .file(let file): return try WeightsInput(file: file, which: which)
    }
  }

  private init(
    _ checkpoint: Checkpoint, which: NetworkPart, run: RunDirectory?
  ) throws(StoreError) {
    let recipe: Recipe
    do throws(RecipeError) {
      recipe = try Recipe.read(file: checkpoint.file("recipe.yaml"))
    } catch {
      throw StoreError(
        file: checkpoint.path, what: "its recipe cannot be read (\(error))",
        remedy: "take another checkpoint")
    }
    // One network a file, which is why nothing has to be chosen in it.
    tensors = try OfficialTensors(
      checkpoint.tensors(which.rawValue + ".safetensors"), which: nil)
    facts = SourceFacts(recipe)
    path = checkpoint.path
    self.recipe = recipe
    self.checkpoint = checkpoint
    part = which
    self.run = run
  }

  private init(file path: String, which: NetworkPart?) throws(StoreError) {
    let file = try TensorFiles.open(path)
    let folder = FileSystem.parent(of: path)
    tensors = try OfficialTensors(file, which: which)
    let beside = folder + "/recipe.yaml"
    recipe = FileSystem.exists(beside) ? try? Recipe.read(file: beside) : nil
    facts = SourceFacts(metadata: file.metadata)
      .filled(from: try SourceFacts(folder: folder))
      .filled(from: recipe.map(SourceFacts.init) ?? SourceFacts())
    self.path = path
    checkpoint = nil
    part = nil
    run = nil
  }
}

/// What a person's words for weights stand for.
enum WeightsPlace {
  case checkpoint(Checkpoint, run: RunDirectory?)
  case file(String)

  /// What a folder of weights may hold, in the order of preference.
  private static let names = ["model.safetensors", "pytorch_model.bin", "model.pth"]

  init(_ path: String, runs: String?) throws(StoreError) {
    if FileSystem.isFolder(path) {
      self = try Self.folder(path)
    } else if FileSystem.exists(path) {
      self = .file(path)
    } else if !path.contains("/"), RunDirectory(name: path, parent: runs).exists {
      self = try Self.run(RunDirectory(name: path, parent: runs))
    } else {
      throw StoreError(
        file: path, what: "is neither a file, a folder nor a run's name",
        remedy: "check the path; 'dino ls' lists runs")
    }
  }

  private static func folder(_ path: String) throws(StoreError) -> WeightsPlace {
    if FileSystem.exists(path + "/manifest.json") {
      let checkpoint = try Checkpoint(path: path)
      try checkpoint.verify()
      return .checkpoint(checkpoint, run: owner(of: path))
    }
    if FileSystem.isFolder(path + "/checkpoints") {
      let absolute = FileSystem.absolute(path)
      return try run(
        RunDirectory(
          name: FileSystem.name(of: absolute), parent: FileSystem.parent(of: absolute)))
    }
    if let name = names.first(where: { FileSystem.exists(path + "/" + $0) }) {
      return .file(path + "/" + name)
    }
    let isSharded = FileSystem.exists(path + "/model.safetensors.index.json")
    throw StoreError(
      file: path,
      what: isSharded
        ? "has its weights in several files"
        : "is no run, no checkpoint, and has none of \(names.joined(separator: ", "))",
      remedy: isSharded ? "save them as one file" : "check the path")
  }

  /// The run whose `checkpoints` folder a checkpoint lies in.
  private static func owner(of path: String) -> RunDirectory? {
    let checkpoints = FileSystem.parent(of: FileSystem.absolute(path))
    let folder = FileSystem.parent(of: checkpoints)
    guard FileSystem.name(of: checkpoints) == "checkpoints" else { return nil }
    return RunDirectory(name: FileSystem.name(of: folder), parent: FileSystem.parent(of: folder))
  }

  private static func run(_ run: RunDirectory) throws(StoreError) -> WeightsPlace {
    var damaged: String?
    let store = CheckpointStore(directory: run.checkpoints)
    guard let latest = try store.latestIntact(onDamaged: { damaged = damaged ?? $0 }) else {
      throw StoreError(
        file: run.path, what: damaged ?? "has no checkpoint yet",
        remedy: "have it write one: dino checkpoint \(run.name)")
    }
    return .checkpoint(latest, run: run)
  }
}
