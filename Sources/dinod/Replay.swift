import FoundationEssentials
import History
import Recipe
import Run
import Schedule
import Store
import Support
import Trainer

/// A run that computes another again from its start: its recipe, its images and the changes of its
/// journal, each at its step. The weights are the same bit for bit.
///
/// The new run begins with the other's journal. So it needs nothing of its own: a run applies the
/// changes of its journal whenever it computes their steps, and a replay that is killed resumes as
/// any run does.
struct Replay: RunBeginning {
  let recipe: Recipe
  let parent: RunDirectory
  private let journal: Journal
  /// How many changes of the run are left out.
  private let dropped: Int

  /// Reads a run and finds what to leave out. Writes nothing.
  ///
  /// - Parameters:
  ///   - ids: The beginnings of the ids of changes that are left out.
  ///   - overrides: The name of the new run and other keys that do not decide what is computed.
  init(of parent: RunDirectory, without ids: [String], overrides: [String]) throws {
    guard parent.exists else { throw RunError.unknown(name: parent.name, path: parent.path) }
    if let origin = try parent.branchOrigin() {
      throw RunError.file(
        "\(parent.name) is a branch of \(origin.run) and begins with a state of it, not with a recipe;"
          + " branch again at step \(origin.step), or replay \(origin.run)")
    }
    self.parent = parent
    let before = try Recipe.read(file: parent.recipe)
    recipe = try before.applying(overrides)
    let changed = recipe.keysThatDiffer(from: before)
    guard changed.isEmpty else {
      throw RunError.file(
        "\(changed.joined(separator: ", ")): a replay computes what the run computed; for other "
          + "settings begin a new run: dino start \(parent.recipe) --name NEW --set …")
    }
    let all = try HistoryReader(directory: parent).journal()
    var left: Set<String> = []
    for id in ids {
      let found = id.isEmpty ? [] : all.replayable(beginningWith: id)
      // Several that were made together may be left out together.
      guard Set(found.map { Journal.group(of: $0) ?? $0 }).count == 1 else {
        throw RunError.file(
          found.isEmpty
            ? "\(parent.name) has no change '\(id)' in force that could be left out; "
              + "dino log \(parent.name) --changes lists them"
            : "'\(id)' begins the ids of \(found.count) changes; give more of it")
      }
      left.formUnion(found)
    }
    dropped = left.count
    journal = try all.replayed(recipe, without: left)
  }

  func isNeeded(_ directory: RunDirectory) throws -> Bool {
    guard directory.exists else { return true }
    throw RunError.file(
      "run '\(directory.name)' already exists; choose another --name, or resume it: "
        + "dino start \(directory.name)")
  }

  func create(_ directory: RunDirectory) throws {
    let images = try FileSystem.names(in: parent.path).filter { $0.hasPrefix("images-until-") }
    guard images.isEmpty else {
      throw RunError.file(
        "\(parent.name) was trained with other images before, so it cannot be computed again")
    }
    if FileSystem.exists(parent.images) {
      let index = try WholeFile.read(parent.images, limit: 1 << 34)
      try WholeFile.write(bytes: index, to: directory.images)
    }
    try FrozenTeacher.adopt(from: parent, into: directory)
    try WholeFile.write(recipe.yaml(), to: directory.recipe)
    try directory.write(RunOrigin(run: parent.name, step: 0, kind: RunOrigin.replay))
    // Last and at once, because a run with a database can be resumed.
    let beside = RunDirectory(name: ".beginning", parent: directory.path)
    try FileSystem.remove(beside.path)
    try beside.create()
    let history = try HistoryWriter(directory: beside)
    try history.rewind(to: 0, journal: journal)
    try history.close()
    try FileSystem.move(beside.database, to: directory.database)
    try FileSystem.flushFolder(directory.path)
    try FileSystem.remove(beside.path)
    let left = dropped == 0 ? "" : " without \(Format.count(dropped, "change"))"
    tell(
      "\(directory.name) replays \(parent.name)\(left): "
        + Format.count(journal.entries.count, "change"))
  }

  /// Returns a line that compares the weights of the two runs at all steps of which both have a
  /// checkpoint; `nil` if there is no such step.
  static func comparison(of directory: RunDirectory, with parent: RunDirectory) throws -> String? {
    let own = try CheckpointStore(directory: directory.checkpoints).list()
    let others = try CheckpointStore(directory: parent.checkpoints).list()
    var (same, other): ([Int], [Int]) = ([], [])
    for checkpoint in own {
      guard let twin = others.first(where: { $0.step == checkpoint.step }) else { continue }
      if checkpoint.weights == twin.weights {
        same.append(checkpoint.step)
      } else {
        other.append(checkpoint.step)
      }
    }
    func list(_ steps: [Int]) -> String {
      steps.sorted().map { Format.count($0) }.joined(separator: ", ")
    }
    guard let first = other.min() else {
      return same.isEmpty
        ? nil : "the weights are those of \(parent.name), bit for bit, at \(list(same))"
    }
    let until = same.filter { $0 < first }
    let before = until.isEmpty ? "" : "those of \(parent.name) at \(list(until)), and "
    return "the weights are \(before)others from step \(Format.count(first)) on"
  }
}

extension Checkpoint {
  /// The checksums of the files of tensors, by name.
  fileprivate var weights: [String: String] {
    Dictionary(
      uniqueKeysWithValues: manifest.files.filter { $0.name.hasSuffix(".safetensors") }
        .map { ($0.name, $0.parts.map(\.checksum).joined()) })
  }
}
