import History
import Run
import Support

/// A run in the list of runs, or a host that did not answer.
package struct RunRow: Equatable, Sendable {
  /// What the user calls it, such as `moths` or `gpu1:moths`.
  package let label: String
  /// Where the run is; `nil` of a host that did not answer.
  package let place: RunPlace?
  /// The lines before the name that draw the tree, such as `│ └ `.
  package let branch: String
  /// What is known of the run; `nil` if that is nothing.
  package let summary: RunSummary?
  /// Why nothing is known, in a word and in a sentence.
  package let state: String
  package let problem: String?

  package init(
    _ label: String, at place: RunPlace?, branch: String = "", summary: RunSummary?,
    problem: String? = nil, state: String = "unreadable"
  ) {
    self.label = label
    self.place = place
    self.branch = branch
    self.summary = summary
    self.problem = problem
    self.state = state
  }
}

/// The list of all runs, from which one is chosen to be shown.
package struct RunList: Equatable, Sendable {
  /// How the rows are ordered.
  package enum Order: String, CaseIterable, Sendable {
    /// As a tree, each run below the one that it was begun from.
    case tree
    case newest, name
    case accuracy = "k-NN"
  }

  /// The result of handling a key.
  package enum Outcome: Equatable, Sendable {
    case open
    case closed
    /// Show a run, with others laid over it.
    case show(RunPlace, over: [String: RunPlace])
    /// Run a command of the shell.
    case dino([String])
  }

  /// What is asked. A text is there while it is typed.
  package enum Question: Equatable, Sendable {
    /// Whether to remove a run of this machine.
    case remove(RunDirectory)
    /// The new name of a run of this machine.
    case rename(RunDirectory, SearchText)
    /// The recipe of a new run.
    case start(SearchText)
    /// What the keys do; any key closes it.
    case help
  }

  /// The label of the selected row, and the place to which it falls back if that row is gone.
  package private(set) var selected: String?
  private var lastPlace = 0
  /// The runs to lay over the one that is shown, by label.
  package private(set) var marked: [String: RunPlace]
  package private(set) var order = Order.tree
  /// The text that labels must have, and whether it is being typed.
  private(set) var search = SearchText()
  package private(set) var isTyping = false
  package var filter: String { search.text }
  package private(set) var question: Question?

  /// - Parameters:
  ///   - selected: the label of the run that is selected first.
  ///   - marked: those of the runs that are laid over.
  package init(selected: String? = nil, marked: [String: RunPlace] = [:]) {
    self.selected = selected
    self.marked = marked
  }

  /// Returns the rows to show, in their order.
  package func shown(_ rows: [RunRow]) -> [RunRow] {
    let found = rows.filter {
      filter.isEmpty || $0.label.lowercased().contains(filter.lowercased())
    }
    switch order {
    case .tree: return found
    case .name: return found.sorted { $0.label < $1.label }
    case .newest: return found.sorted { ($0.summary?.time ?? 0) > ($1.summary?.time ?? 0) }
    case .accuracy: return found.sorted { ($0.accuracy ?? -1) > ($1.accuracy ?? -1) }
    }
  }

  /// Returns the place of the selected row among the rows that are shown.
  package func place(in shown: [RunRow]) -> Int {
    shown.firstIndex { $0.label == selected } ?? min(lastPlace, max(shown.count - 1, 0))
  }

  /// Handles a key. `rows` is the whole list.
  package mutating func handle(_ key: Key, _ rows: [RunRow]) -> Outcome {
    if isTyping {
      isTyping = search.handle(key)
      return .open
    }
    let shown = shown(rows)
    let here = place(in: shown)
    let run = shown.dropFirst(here).first
    lastPlace = here
    if let question { return answer(question, key, rows) }
    switch key {
    case .escape, .interrupt, .character("q"), .character("R"): return .closed
    case .enter:
      guard let run, let place = run.place else { return .open }
      return .show(place, over: marked.filter { $0.key != run.label })
    case .up, .character("k"): select(here - 1, shown)
    case .down, .character("j"): select(here + 1, shown)
    case .pageUp: select(here - 10, shown)
    case .pageDown: select(here + 10, shown)
    case .home, .character("g"): select(0, shown)
    case .end, .character("G"): select(shown.count - 1, shown)
    case .character(" "):
      guard let run, let place = run.place else { break }
      if marked.removeValue(forKey: run.label) == nil { marked[run.label] = place }
      select(here + 1, shown)
    case .character("s"):
      let all = Order.allCases
      order = all[(all.firstIndex(of: order)! + 1) % all.count]
    case .character("/"): isTyping = true
    case .character("r"): question = run?.place?.directory.map { .rename($0, SearchText()) }
    case .character("x"): question = run?.place?.directory.map { .remove($0) }
    case .character("n"): question = .start(SearchText())
    case .character("?"), .character("h"): question = .help
    default: break
    }
    return .open
  }

  /// Handles a key while something is asked. The commands check the rest.
  private mutating func answer(_ asked: Question, _ key: Key, _ rows: [RunRow]) -> Outcome {
    question = nil
    switch asked {
    case .help: break
    case .remove(let run):
      if key == .character("y") { return .dino(["rm", run.name, "--yes"] + Self.folder(of: run)) }
    case .rename(let run, var name):
      if name.handle(key) {
        question = .rename(run, name)
      } else if !name.text.isEmpty {
        return .dino(["rename", run.name, name.text] + Self.folder(of: run))
      }
    case .start(var recipe):
      if recipe.handle(key) {
        question = .start(recipe)
      } else if !recipe.text.isEmpty {
        let other = rows.lazy.compactMap(\.place?.directory).first
        return .dino(["start", FilePath.absolute(recipe.text)] + (other.map(Self.folder) ?? []))
      }
    }
    return .open
  }

  /// The option for the folder that holds a run.
  private static func folder(of run: RunDirectory) -> [String] {
    ["--dir", FilePath.parent(of: run.path)]
  }

  private mutating func select(_ place: Int, _ shown: [RunRow]) {
    guard !shown.isEmpty else { return }
    lastPlace = min(max(place, 0), shown.count - 1)
    selected = shown[lastPlace].label
  }
}

extension RunRow {
  /// The accuracy of the last probe.
  package var accuracy: Double? { summary?.evaluation?.values[.knnLearned] }
}
