import History
import Run

/// Runs as a tree, each below the run that it was begun from.
struct RunTree {
  struct Row {
    let run: FoundRun
    /// The lines drawn before the name, such as `│ └ `.
    let branch: String
  }

  private(set) var rows: [Row] = []

  /// Builds the tree. Roots and siblings keep the given order.
  /// A run whose parent is not among `runs` is a root.
  init(_ runs: [FoundRun]) {
    let names = Set(runs.map(\.directory.name))
    let parents = runs.map { run in
      (try? run.directory.origin())?.map(\.run).flatMap { names.contains($0) ? $0 : nil }
    }
    var children: [String: [FoundRun]] = [:]
    for (run, parent) in zip(runs, parents) {
      if let parent { children[parent, default: []].append(run) }
    }
    for (run, parent) in zip(runs, parents) where parent == nil {
      add(run, "", "", children)
    }
    // Runs that are each other's parents, which only renaming folders can cause, are listed last.
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
