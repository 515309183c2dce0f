import History
import Store
import Support

/// The checkpoint or file that a user's argument for weights refers to.
enum WeightsLocation {
  /// A checkpoint. `passedOver` describes the run's newer checkpoints that are damaged.
  case checkpoint(Checkpoint, run: RunDirectory?, passedOver: [String] = [])
  case file(String)

  /// The names of weight files in a folder, in order of preference.
  private static let names = [
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
    "pytorch_model.bin.index.json", "model.pth",
  ]

  /// Finds what `path` refers to. A word without a slash is a run's name if there is such a run, so
  /// `./NAME` means a file or folder of the same name.
  init(_ path: String, runs: String?) throws(FileError) {
    // A run's name means the run, whatever lies in the working directory.
    if !path.contains("/"), RunDirectory(name: path, parent: runs).exists {
      self = try Self.run(RunDirectory(name: path, parent: runs))
    } else if FileSystem.isFolder(path) {
      self = try Self.folder(path)
    } else if FileSystem.exists(path) {
      self = .file(path)
    } else if let (run, step) = Self.split(path, runs) {
      self = try Self.run(run, at: step)
    } else {
      throw FileError(
        file: path, what: "is neither a file, a folder nor a run's name",
        remedy: "check the path; 'dino ls' lists runs")
    }
  }

  private static func folder(_ path: String) throws(FileError) -> WeightsLocation {
    if FileSystem.exists(path + "/manifest.json") {
      let checkpoint = try Checkpoint(path: path)
      try checkpoint.verify()
      return .checkpoint(checkpoint, run: owner(of: path))
    }
    if FileSystem.isFolder(path + "/checkpoints") {
      let absolute = FilePath.canonical(path)
      return try run(
        RunDirectory(
          name: FilePath.name(of: absolute), parent: FilePath.parent(of: absolute)))
    }
    if let name = names.first(where: { FileSystem.exists(path + "/" + $0) }) {
      return .file(path + "/" + name)
    }
    throw FileError(
      file: path,
      what: "is not a run or a checkpoint, and has none of \(names.joined(separator: ", "))",
      remedy: "check the path")
  }

  /// Returns the run whose `checkpoints` folder contains the checkpoint, or `nil`.
  private static func owner(of path: String) -> RunDirectory? {
    let checkpoints = FilePath.parent(of: FilePath.canonical(path))
    let folder = FilePath.parent(of: checkpoints)
    guard FilePath.name(of: checkpoints) == "checkpoints" else { return nil }
    return RunDirectory(name: FilePath.name(of: folder), parent: FilePath.parent(of: folder))
  }

  /// Parses `RUN@STEP`. Returns `nil` if it does not name a run and a step.
  private static func split(_ path: String, _ runs: String?) -> (RunDirectory, Int)? {
    guard let at = path.lastIndex(of: "@"), let step = Int(path[path.index(after: at)...]) else {
      return nil
    }
    let name = String(path[..<at])
    let folder = FilePath.canonical(name)
    let named = RunDirectory(name: name, parent: runs)
    if !name.contains("/"), named.exists { return (named, step) }
    let run = RunDirectory(name: FilePath.name(of: folder), parent: FilePath.parent(of: folder))
    return run.exists ? (run, step) : nil
  }

  /// Returns the checkpoint of a run's step, after comparing its checksums.
  private static func run(_ run: RunDirectory, at step: Int) throws(FileError) -> WeightsLocation {
    let store = CheckpointStore(directory: run.checkpoints)
    let steps = try store.list().map(\.step)
    guard steps.contains(step) else {
      let known = steps.map(String.init).joined(separator: ", ")
      throw FileError(
        file: run.path, what: "has no checkpoint of step \(step)",
        remedy: steps.isEmpty ? "it has none" : "there are those of \(known)")
    }
    let checkpoint = try store.checkpoint(step: step)
    try checkpoint.verify()
    return .checkpoint(checkpoint, run: run)
  }

  /// Returns a run's newest intact checkpoint.
  private static func run(_ run: RunDirectory) throws(FileError) -> WeightsLocation {
    var damaged: [String] = []
    let store = CheckpointStore(directory: run.checkpoints)
    guard let latest = try store.latestIntact(onDamaged: { damaged.append($1) }) else {
      throw FileError(
        file: run.path, what: damaged.first ?? "has no checkpoint yet",
        remedy: "write one with: dino checkpoint \(run.name)")
    }
    return .checkpoint(latest, run: run, passedOver: damaged)
  }
}
