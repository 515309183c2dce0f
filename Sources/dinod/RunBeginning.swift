import History
import Recipe

/// How a run begins that does not begin with its recipe alone.
protocol RunBeginning {
  /// The recipe of the new run.
  var recipe: Recipe { get }
  /// The run whose teacher and images the new one takes over.
  var parent: RunDirectory { get }
  /// Returns whether the folder of a new run is still to be created. An attempt that was interrupted
  /// has left nothing that is worth keeping.
  func isNeeded(_ directory: RunDirectory) throws -> Bool
  /// Creates the run's folder, whose lock is held, without changing the parent.
  func create(_ directory: RunDirectory) throws
}

extension Branch: RunBeginning {
  func isNeeded(_ directory: RunDirectory) throws -> Bool {
    try !directory.exists || directory.isUnfinishedBranch()
  }
}
