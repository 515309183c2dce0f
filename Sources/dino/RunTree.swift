import Run
import Screen

/// A run as `dino ls` knows it.
struct ListedRun {
  /// What the user calls it, such as `moths` or `gpu1:moths`, and what its host calls it.
  let label: String
  let name: String
  /// The machine that it is on; `nil` for this one.
  let host: String?
  let place: RunPlace
  /// What is known, or why nothing is.
  let summary: Result<RunSummary, any Error>

  /// The label of the run that it was begun from; `nil` if there is none.
  var parent: String? {
    guard let origin = try? summary.get().status.origin?.run else { return nil }
    return host.map { "\($0):\(origin)" } ?? origin
  }
}

/// Runs as a tree, each below the run that it was begun from.
struct RunTree {
  struct Row {
    let run: ListedRun
    /// The lines drawn before the name, such as `│ └ `.
    let branch: String
  }

  private(set) var rows: [Row] = []

  /// Builds the tree. Roots and siblings keep the given order.
  /// A run whose parent is not among `runs` is a root.
  init(_ runs: [ListedRun]) {
    let labels = Set(runs.map(\.label))
    var children: [String: [ListedRun]] = [:]
    var roots: [ListedRun] = []
    for run in runs {
      if let parent = run.parent, labels.contains(parent) {
        children[parent, default: []].append(run)
      } else {
        roots.append(run)
      }
    }
    for run in roots { add(run, "", "", children) }
    // Runs that are each other's parents, which only renaming folders can cause, are listed last.
    let shown = Set(rows.map(\.run.label))
    rows += runs.filter { !shown.contains($0.label) }.map { Row(run: $0, branch: "") }
  }

  private mutating func add(
    _ run: ListedRun, _ branch: String, _ below: String, _ children: [String: [ListedRun]]
  ) {
    rows.append(Row(run: run, branch: branch))
    let own = children[run.label] ?? []
    for (number, child) in own.enumerated() {
      let isLast = number == own.count - 1
      add(child, below + (isLast ? "└ " : "├ "), below + (isLast ? "  " : "│ "), children)
    }
  }
}
