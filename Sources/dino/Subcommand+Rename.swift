import CommandKit
import Control
import History
import Recipe
import Run
import Support

extension Subcommand {
  static let rename = Subcommand(
    name: "rename", operands: "NAME NEW", count: 2...2,
    summary: "give a run that is not being trained another name",
    options: [directory],
    details: """
      Runs that were begun from it know it by its new name then. If the command was killed, the same
      command finishes what it began.
      """
  ) { arguments in
    let names = (arguments.operands[0], arguments.operands[1])
    if let problem = names.1.isEmpty ? "is empty" : Recipe.problem(ofRunName: names.1) {
      throw UsageError("the new name \(problem)")
    }
    let folder = arguments.value("--dir")
    let renaming =
      try RunRenaming(resuming: names.0, to: names.1, in: folder)
      ?? RunRenaming(
        try RunSelection.named(names.0, arguments).directory(for: "dino rename"), to: names.1,
        in: folder)
    let (children, warnings) = try renaming.carryOut()
    let line = children.isEmpty ? "" : "; \(children.joined(separator: ", ")) know it by that name"
    print("\(names.0) is \(names.1) now, in \(renaming.target.path)\(line)")
    for warning in warnings { print(warning) }
    return 0
  }
}

/// Gives a run another name.
///
/// The folder's name is the run's, so moving it decides. The runs that were begun from it learn the new name
/// before, and what its own files say is brought up to date after. Whatever is interrupted can be repeated.
private struct RunRenaming {
  let old: String
  let target: RunDirectory
  /// The folder to move; `nil` if that has been done.
  private let source: RunDirectory?

  /// Finds out whether a run may be renamed.
  init(_ run: RunDirectory, to new: String, in folder: String?) throws {
    guard (try? run.outline())?.status.kind == nil else {
      throw Failure(
        "\(run.name) is a curation, whose name is that of its plan; only runs are renamed")
    }
    if let other = RunCatalogue.named(new, in: folder) {
      throw Failure("there is a run '\(new)' already, in \(other.path); choose another name")
    }
    (old, target, source) = (run.name, run.sibling(new), run)
  }

  /// Takes up a renaming that was interrupted after the folder had moved; `nil` if there is none.
  init?(resuming old: String, to new: String, in folder: String?) throws {
    guard RunCatalogue.named(old, in: folder) == nil,
      let moved = RunCatalogue.named(new, in: folder),
      (try? Recipe.read(file: moved.recipe))?.session.name == old
    else { return nil }
    (self.old, target, source) = (old, moved, nil)
  }

  /// Renames the run. Returns the runs that were begun from it, and what the user should know besides.
  func carryOut() throws -> (children: [String], warnings: [String]) {
    let others = try RunDirectory.list(parent: FilePath.parent(of: target.path)).filter {
      $0.name != old && $0.name != target.name
    }
    let children = others.filter { (try? $0.origin())?.run == old }
    for child in children where RunLock.holder(of: child) != nil {
      throw Failure(
        "\(child.name) was begun from \(old) and is being trained; stop it first: dino stop "
          + child.name)
    }
    let lock = try Self.lock(source ?? target)
    try withExtendedLifetime(lock) {
      for child in children { try tell(child) }
      if let source {
        try FileSystem.move(source.path, to: target.path)
        try FileSystem.flushFolder(FilePath.parent(of: target.path))
      }
      try describe()
    }
    return (children.map(\.name), others.compactMap(warning))
  }

  private static func lock(_ run: RunDirectory) throws -> RunLock {
    do {
      return try RunLock(directory: run)
    } catch {
      throw Failure("\(run.name) is being trained; stop it first: dino stop \(run.name)")
    }
  }

  /// Tells a run that was begun from this one its new name.
  private func tell(_ child: RunDirectory) throws {
    let lock = try Self.lock(child)
    try withExtendedLifetime(lock) {
      guard var origin = try child.origin() else { return }
      origin.run = target.name
      try child.write(origin)
      try Self.change(child) { $0.origin = origin }
    }
  }

  /// Brings the run's database up to date, and its recipe, which has the old name until all is done.
  private func describe() throws {
    try Self.change(target) { ($0.name, $0.runDirectory) = (target.name, target.path) }
    guard var recipe = try? Recipe.read(file: target.recipe) else { return }
    recipe.session.name = target.name
    try WholeFile.write(recipe.yaml(), to: target.recipe)
  }

  private static func change(_ run: RunDirectory, _ body: (inout RunStatus) -> Void) throws {
    guard var status = try? HistoryReader(directory: run).lastStatus() else { return }
    body(&status)
    let history = try HistoryWriter(directory: run)
    try history.set(status)
    try history.close()
  }

  /// Says that a run's recipe takes weights from this one by its old name; `nil` if it does not.
  private func warning(_ run: RunDirectory) -> String? {
    guard let recipe = try? Recipe.read(file: run.recipe) else { return nil }
    let named = [recipe.student.pretrainedWeights, recipe.distillation.teacher].contains {
      $0 == old || $0.hasPrefix(old + "@")
    }
    return named
      ? "the recipe of \(run.name) still says '\(old)'; that matters only if it is begun anew" : nil
  }
}
