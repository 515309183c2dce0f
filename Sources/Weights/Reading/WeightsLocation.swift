import History
import Store
import Support

/// The checkpoint or file that a user's argument for weights refers to.
enum WeightsLocation {
  /// A checkpoint. `notices` say why it is this one of the run's, where that is not plain.
  case checkpoint(Checkpoint, run: RunDirectory?, notices: [String] = [])
  case file(String)

  /// The names of weight files in a folder, in order of preference.
  static let names = [
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
    "pytorch_model.bin.index.json", "model.pth",
  ]

  /// Finds what `path` refers to. A word without a slash is a run's name if there is such a run, so
  /// `./NAME` means a file or folder of the same name.
  ///
  /// - Parameter wanted: which checkpoint of a run, if `path` does not say it.
  init(
    _ path: String, runs: String?, wanted: RunCheckpoint = .last
  ) throws(FileError) {
    // A run's name means the run, whatever lies in the working directory.
    if !path.contains("/"), RunDirectory(name: path, parent: runs).exists {
      self = try Self.run(RunDirectory(name: path, parent: runs), wanted)
    } else if FileSystem.isFolder(path) {
      self = try Self.folder(path, wanted)
    } else if FileSystem.exists(path) {
      self = .file(path)
    } else if let (run, stated) = Self.split(path, runs) {
      self = try Self.run(run, stated)
    } else {
      throw FileError(
        file: path, what: "is neither a file, a folder nor a run's name",
        remedy: "check the path; 'dino ls' lists runs")
    }
  }

  private static func folder(
    _ path: String, _ wanted: RunCheckpoint
  ) throws(FileError) -> WeightsLocation {
    if FileSystem.exists(path + "/manifest.json") {
      let checkpoint = try Checkpoint(path: path)
      try checkpoint.verify()
      return .checkpoint(checkpoint, run: owner(of: path))
    }
    if FileSystem.isFolder(path + "/checkpoints") {
      let absolute = FilePath.canonical(path)
      return try run(
        RunDirectory(
          name: FilePath.name(of: absolute), parent: FilePath.parent(of: absolute)), wanted)
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

  /// Parses `RUN@STEP`, `RUN@best` and `RUN@last`. Returns `nil` if it does not name a run and one of these.
  private static func split(_ path: String, _ runs: String?) -> (RunDirectory, RunCheckpoint)? {
    guard let at = path.lastIndex(of: "@"),
      let wanted = RunCheckpoint(String(path[path.index(after: at)...]))
    else { return nil }
    let name = String(path[..<at])
    let folder = FilePath.canonical(name)
    let named = RunDirectory(name: name, parent: runs)
    if !name.contains("/"), named.exists { return (named, wanted) }
    let run = RunDirectory(name: FilePath.name(of: folder), parent: FilePath.parent(of: folder))
    return run.exists ? (run, wanted) : nil
  }

  /// Returns a run's checkpoint, after comparing its checksums.
  private static func run(
    _ run: RunDirectory, _ wanted: RunCheckpoint
  ) throws(FileError) -> WeightsLocation {
    let (checkpoint, notices) = try wanted.find(in: run)
    return .checkpoint(checkpoint, run: run, notices: notices)
  }
}
