import History
import Run

/// Runs as a tree: each below the one that it began from.
struct RunTree {
  struct Row {
    let run: FoundRun
    /// What is drawn in front of the name: `│ └ `.
    let branch: String
  }

  private(set) var rows: [Row] = []

  /// Keeps the given order among the runs that began from nothing, or from one that is gone, and
  /// among the children of one.
  init(_ runs: [FoundRun]) {
    let names = Set(runs.map(\.directory.name))
    let parents = runs.map { run in
      run.directory.origin.map(\.run).flatMap { names.contains($0) ? $0 : nil }
    }
    var children: [String: [FoundRun]] = [:]
    for (run, parent) in zip(runs, parents) {
      if let parent { children[parent, default: []].append(run) }
    }
    for (run, parent) in zip(runs, parents) where parent == nil {
      add(run, "", "", children)
    }
    // Two that name each other, which a person can only have made by renaming folders.
    let shown = Set(rows.map(\.run.directory.name))
    rows += runs.filter { !shown.contains($0.directory.name) }.map { Row(run: $0, branch: "") }
  }

  private mutating func add(
    _ run: FoundRun, _ branch: String, _ below: String, _ children: [String: [FoundRun]]
  ) {
    rows.append(Row(run: run, branch: branch))
    let own = children[run.directory.name] ?? []
    for (number, child) in own.enumerated() {
      let isLast = number == own.count - 1
      add(child, below + (isLast ? "└ " : "├ "), below + (isLast ? "  " : "│ "), children)
    }
  }
}
