import History
import Run
import Support

/// The runs and curations of this user on this machine.
package enum RunCatalogue {
  /// The folder of pools, which curations work on.
  package static var pools: String { StateFolder.path("pools") }

  /// Returns the folders of all runs in `parent`; without it, of those in the default folder and of
  /// curations, which are shown and steered like them.
  package static func all(in parent: String?) throws(FileError) -> [RunDirectory] {
    let runs = try RunDirectory.list(parent: parent)
    return try parent == nil ? runs + RunDirectory.list(parent: pools) : runs
  }

  /// Returns the run or curation of a name; `nil` if there is none.
  package static func named(_ name: String, in parent: String?) -> RunDirectory? {
    let run = RunDirectory(name: name, parent: parent)
    if run.exists || RunLock.holder(of: run) != nil { return run }
    let pool = RunDirectory(name: name, parent: parent ?? pools)
    return pool.exists ? pool : nil
  }
}

extension RunDirectory {
  /// Returns a summary of the last step from the database. This is fast even for many long runs.
  package func outline() throws -> RunSummary {
    let reader = try HistoryReader(directory: self)
    var record = RunRecord(status: try reader.lastStatus())
    let last = try reader.lastStep()
    if last > 0 { try reader.samples(in: last...last) { record.append($0) } }
    if let evaluation = try reader.evaluations().last(where: { $0.name == ProbeResult.knn }) {
      record.append(evaluation)
    }
    return RunSummary(record, isTraining: RunLock.holder(of: self) != nil)
  }
}
