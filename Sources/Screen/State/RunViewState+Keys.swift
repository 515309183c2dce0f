import Run

/// An action that a key requires from the owner of the screen.
package enum Effect: Equatable, Sendable {
  case send(Change)
  /// Ask for a change that takes back the one with an id.
  case undo(String, Change)
  /// Ask the daemon what a change would cost.
  case preview(Change)
  case distil(DistillationRequest)
  case detach
  /// Show the run this many places further in the list of runs.
  case changeRun(Int)
  /// Show a run, with the curves of others laid over it.
  case show(RunPlace, over: [String: RunPlace])
  /// Lay the curves of other runs over those of the one that is shown.
  case layOver([String: RunPlace])
  case nextTheme
  /// Run a command of the shell about the run beside the dashboard.
  case run(ShellLine)
  /// Do the same with these words for `dino`, about any run.
  case dino([String])
  /// Write a picture of the screen.
  case save
  /// Give the terminal back to the shell until it calls.
  case suspend
}

extension RunViewState {
  /// Handles a key. `record` is the run on the screen, or `nil` if nothing is known of it yet.
  package mutating func handle(_ key: Key, record: RunRecord?, now: Double) -> Effect? {
    if let record { panel = panel.shown(in: record.status.kind) }
    switch overlay {
    case .help, .explanation:
      // Any key closes the help. Control-C also leaves the dashboard.
      overlay = nil
      return key == .interrupt ? .detach : nil
    case .confirm(let change):
      overlay = nil
      return key == .character("y") ? .send(change) : nil
    case .set(var prompt):
      return handle(key, in: &prompt, now: now)
    case .phase(var prompt):
      return handle(key, in: &prompt)
    case .distil(var prompt):
      return handle(key, in: &prompt)
    case .figures(var browser):
      overlay = browser.handle(key) ? .figures(browser) : nil
      return key == .interrupt ? .detach : nil
    case .command(var prompt):
      return handle(key, in: &prompt, record, now: now)
    case .runs(var list):
      return handle(key, in: &list)
    case .search(var search):
      let isOpen = search.handle(key)
      (filter, logScroll) = (search.text, 0)
      overlay = isOpen ? .search(search) : nil
      return nil
    case .undo(let entries, let change):
      overlay = nil
      guard key == .character("y"), let first = entries.first else { return nil }
      let id = entries.count > 1 ? Journal.group(of: first.id) : nil
      return .undo(id ?? first.id, change)
    case nil:
      guard let action = KeyBinding.action(of: key) else { return nil }
      return perform(action, record: record, now: now)
    }
  }

  /// Asks whether to take back the last change that can be.
  private mutating func askToUndo(_ record: RunRecord?, now: Double) {
    let journal = Journal(record?.journal ?? [])
    guard let entry = journal.lastUndoable,
      let change = journal.inverse(of: journal.undoableID(entry))
    else { return say("no change could be taken back", .text, now: now) }
    overlay = .undo(Array(journal.entries(of: journal.undoableID(entry))), change)
  }

  private mutating func perform(_ action: Action, record: RunRecord?, now: Double) -> Effect? {
    guard record?.status.kind == nil || !action.isForTraining else {
      say("✗ only a run that is trained has this", .bad, now: now)
      return nil
    }
    switch action {
    case .pause: return command(.pause, record, now: now)
    case .resume: return command(.resume, record, now: now)
    case .checkpoint: return command(.checkpoint(), record, now: now)
    case .set: if mayAsk("set", record, now: now) { overlay = .set(SetPrompt(record)) }
    case .phase:
      if mayAsk("phase", record, now: now), let record {
        overlay = .phase(PhasePrompt(record.status))
      }
    // The run may have ended, since the teacher is taken from a checkpoint.
    case .distil: if record != nil { overlay = .distil(DistillationPrompt()) }
    case .undo: if mayAsk("undo", record, now: now) { askToUndo(record, now: now) }
    case .command: type("")
    case .export: type("export --format huggingface \(chosen)--to ")
    case .branch: type("branch \(chosen)--name ")
    case .removeCheckpoint: askToRemove(now: now)
    case .save: return .save
    case .stop: if mayAsk("stop", record, now: now) { overlay = .confirm(.stop) }
    case .detach: return .detach
    case .help: overlay = .help
    case .nextTheme: return .nextTheme
    case .suspend: return .suspend
    case .runs: overlay = .runs(RunList(selected: label, marked: overlaid))
    case .nextRun: return .changeRun(1)
    case .previousRun: return .changeRun(-1)
    default: look(action, record)
    }
    return nil
  }

  /// Lets a command be typed, of which the beginning is there.
  private mutating func type(_ text: String) {
    let hindrance: String? =
      switch link {
      case .live, .connecting: nil
      case .lost: "there is no connection to the run, so nothing can be changed now"
      case .history: "the run has ended, so nothing can be changed"
      }
    overlay = .command(CommandPrompt(text, history: commands, hindrance: hindrance))
  }

  /// The checkpoint that is selected on the screen; `nil` if none is.
  private var chosenCheckpoint: Int? {
    let selected = checkpoint.flatMap { checkpointSteps.contains($0) ? $0 : nil }
    return panel == .checkpoints ? selected ?? checkpointSteps.last : nil
  }

  /// The option for the checkpoint that is selected on the screen; empty if none is.
  private var chosen: String { chosenCheckpoint.map { "--at \($0) " } ?? "" }

  /// Lets the command be entered that removes the selected checkpoint.
  private mutating func askToRemove(now: Double) {
    guard let step = chosenCheckpoint else {
      return say("✗ 9 shows the checkpoints, of which X removes the selected one", .bad, now: now)
    }
    type("checkpoints --remove \(step) --yes")
  }

  /// Selects another checkpoint, of a list with the newest at the top.
  private mutating func selectCheckpoint(_ scroll: Action.Scroll) {
    guard !checkpointSteps.isEmpty else { return }
    let last = checkpointSteps.count - 1
    let here = checkpoint.flatMap(checkpointSteps.firstIndex) ?? last
    let place =
      switch scroll {
      case .up: here + 1
      case .down: here - 1
      case .pageUp: here + 10
      case .pageDown: here - 10
      case .oldest: 0
      case .newest: last
      }
    checkpoint = checkpointSteps[min(max(place, 0), last)]
  }

  /// Changes what is shown, and nothing of the run.
  private mutating func look(_ action: Action, _ record: RunRecord?) {
    switch action {
    case .figures:
      if panel.explanation != nil {
        overlay = .explanation(panel)
      } else if let browser = FigureBrowser(shownMetrics(record)) {
        overlay = .figures(browser)
      }
    case .cursor(let motion): move(motion, record)
    case .split: isSplit.toggle()
    case .pictures: if panel == .pictures { pictures = pictures.next } else { select(.pictures) }
    case .smooth:
      let weights = [0, 0.9, 0.99]
      smoothing = weights[((weights.firstIndex(of: smoothing) ?? 0) + 1) % weights.count]
    case .play: togglePlaying(record)
    case .search:
      if panel != .changes { select(.log) }
      overlay = .search(SearchText(filter))
    case .oneKind:
      if panel != .changes { select(.log) }
      (filter, logScroll) = (panel.nextKind(filter, record), 0)
    case .nextPanel: select(panel.advanced(by: 1, of: record?.status.kind))
    case .previousPanel: select(panel.advanced(by: -1, of: record?.status.kind))
    case .panel(let place):
      let all = Panel.all(of: record?.status.kind)
      if all.indices.contains(place) { select(all[place]) }
    case .expand: if !panel.isAlwaysAlone { isExpanded.toggle() }
    case .zoomIn:
      window = Self.windows.last { $0 < window ?? record?.status.step ?? .max } ?? window
    case .zoomOut:
      window = Self.windows.first { $0 > window ?? .max && $0 < record?.status.step ?? 0 }
    case .logScale: scale = scale == .linear ? .log : .linear
    case .scroll(let scroll) where panel == .checkpoints: selectCheckpoint(scroll)
    case .scroll(let scroll):
      // Where nothing scrolls, the log beside it does.
      let listed = panel == .changes ? panel : .log
      self.scroll(scroll, events: listed.rows(record, filter: filter))
    default: break
    }
  }

  /// Selects a panel. What is scrolled begins at its newest row.
  package mutating func select(_ chosen: Panel) {
    if chosen != panel { logScroll = 0 }
    panel = chosen
  }

  /// Returns the metrics of the selected panel that the run has; of the log, those of the losses.
  private func shownMetrics(_ record: RunRecord?) -> [Metric] {
    let metrics = panel.metrics.isEmpty ? Panel.losses.metrics : panel.metrics
    return metrics.filter { metric in
      record?.samples.contains { $0[metric] != nil } == true
        || record?.evaluations.contains { $0.values[metric] != nil } == true
    }
  }

  private mutating func command(_ change: Change, _ record: RunRecord?, now: Double) -> Effect? {
    mayCommand(change.kind.name, record, now: now) ? .send(change) : nil
  }

  /// Returns whether a form for a command may be opened: that takes a person longer than to connect.
  private mutating func mayAsk(_ what: String, _ record: RunRecord?, now: Double) -> Bool {
    link == .connecting && record != nil || mayCommand(what, record, now: now)
  }

  /// Returns whether there is a daemon to send a command to. Shows a notice if there is none.
  private mutating func mayCommand(_ what: String, _ record: RunRecord?, now: Double) -> Bool {
    switch link {
    case .live: return true
    case .history:
      say(
        "✗ \(what): "
          + (record?.status.kind == .curation
            ? "the curation has ended; 'dinod curate' with its plan goes on from there"
            : record?.status.state == .finished
              ? "the run has finished; 'dino extend' lets it go on"
              : "the run has ended; 'dino start' with its name resumes it"),
        .bad, now: now)
    case .connecting, .lost:
      say("✗ \(what): not connected to the run", .bad, now: now)
    }
    return false
  }

  private mutating func scroll(_ scroll: Action.Scroll, events: Int) {
    let moved =
      switch scroll {
      case .up: logScroll + 1
      case .down: logScroll - 1
      case .pageUp: logScroll + 10
      case .pageDown: logScroll - 10
      case .oldest: events
      case .newest: 0
      }
    logScroll = min(max(moved, 0), max(events - 1, 0))
  }

  /// The numbers of steps that zooming steps through, in ascending order.
  static let windows = [1, 10, 100, 1000, 10_000, 100_000].flatMap { [20 * $0, 50 * $0, 100 * $0] }
}

extension SetPrompt {
  /// Creates an empty form for a run.
  fileprivate init(_ record: RunRecord?) { self.init(present: record?.samples.last?.values ?? [:]) }
}

extension Change {
  /// Whether it ends the run or drops steps.
  var isFinal: Bool {
    switch self {
    case .stop, .back, .rewind: true
    default: false
    }
  }
}
