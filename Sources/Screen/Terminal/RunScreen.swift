import CNCurses
import History
import Run
import Schedule
import Support
import Wire

#if canImport(Glibc)
  import Glibc
#endif

/// The dashboard on a terminal. It handles keys and the run's news, and draws frames.
/// Must be used by one thread.
package final class RunScreen {
  let terminal: Terminal
  private let themes: ThemeLibrary
  let runs: () -> [RunPlace]
  let open: (RunPlace) -> RunSession
  var session: RunSession
  /// A process that is starting a distillation of the run on the screen.
  var distilling: CommandProcess?
  /// Commands of the shell that run beside the dashboard, and their words.
  var commands: [(words: [String], process: CommandProcess)] = []
  package internal(set) var state: RunViewState
  package private(set) var theme: Theme
  private let surroundings: Surroundings
  private var nextMove = 0.0
  /// The seconds that the thread computed for the last frame.
  private var frameCost = 0.0

  /// The longest wait in milliseconds, so that times on the screen stay current.
  private static let patience: Int32 = 250
  /// Seconds between two moves of a cursor that plays.
  private static let moveInterval = 0.05
  /// The shortest time between two frames, in seconds: while a person is at work or the run is played, and
  /// else, when only figures change.
  private static let quickInterval = 1.0 / 30
  private static let calmInterval = 1.0 / 4
  /// The longest time between two frames when only figures change, and the share of a core that drawing may take
  /// then: where a frame takes longer, in a large terminal or on a slow machine, there are fewer.
  private static let longestInterval = 1.0
  private static let calmShare = 0.007

  /// Creates a dashboard that shows a run.
  ///
  /// - Parameters:
  ///   - state: what is shown first.
  ///   - compared: runs whose curves are laid over.
  ///   - checkpoints: lists the checkpoints of a run; `nil` if that is impossible. It may take its time.
  ///   - list: lists all runs. It may take its time.
  ///   - runs: lists the runs that `n` and `N` go through.
  ///   - open: opens a session for one of them.
  package init(
    _ terminal: Terminal, run: RunPlace, theme: Theme, themes: ThemeLibrary,
    state: RunViewState = RunViewState(), compared: [RunPlace] = [],
    checkpoints: @escaping @Sendable (RunPlace) -> [CheckpointFacts]? = { _ in nil },
    list: @escaping @Sendable () -> [RunRow] = { [] },
    runs: @escaping () -> [RunPlace], open: @escaping (RunPlace) -> RunSession
  ) {
    self.terminal = terminal
    self.theme = theme
    self.themes = themes
    self.state = state
    surroundings = Surroundings(list: list, checkpoints: checkpoints)
    self.state.overlaid = Dictionary(
      compared.map { ($0.label, $0) }, uniquingKeysWith: { first, _ in first })
    surroundings.layOver(compared)
    self.runs = runs
    self.open = open
    session = open(run)
  }

  /// What is said once the dashboard has gone: how the run stands, and how to see it again. `nil` if it is
  /// not known to go on.
  package var farewell: String? {
    guard state.link == .live, let status = session.record?.status else { return nil }
    let verb: String
    switch status.state {
    case .starting, .running: verb = "goes on at"
    case .paused: verb = "is paused at"
    case .stopping, .stopped, .finished, .failed: return nil
    }
    return "\(session.place.label) \(verb) step \(Format.count(status.step)); to see it again: "
      + "dino attach \(session.place.label)"
  }

  /// Shows the run until the user detaches or the terminal is gone.
  /// Returns 0, or the number of the signal that ended the dashboard.
  package func run() -> Int32 {
    var (lastFrame, lastInput) = (0.0, Clock.wall())
    var isDue = true
    var second = 0
    while dino_termination_signal() == 0 {
      var now = Clock.wall()
      let hasNews = takeNews(now: now)
      switch takeInput(now: now) {
      case .leave: return 0
      case .news: (isDue, lastInput) = (true, now)
      case .nothing: break
      }
      if hasNews || state.expire(now: now) || Int(now) != second { isDue = true }
      now = Clock.wall()
      let isBusy = state.isPlaying || state.isForeseeing || surroundings.isReading
      var wait = isBusy ? Int32(Self.moveInterval * 1000) : Self.patience
      if isDue {
        let isQuick = state.isPlaying || now - lastInput < 2
        let early = lastFrame + (isQuick ? Self.quickInterval : calmInterval) - now
        // A clock that was set back is no reason to wait.
        if early <= 0 || early > 1 {
          draw(now: now)
          (lastFrame, second, isDue) = (now, Int(now), false)
        } else {
          wait = min(wait, Int32(early * 1000) + 1)
        }
      }
      guard waitForInput(milliseconds: wait) else { return 0 }
    }
    return dino_termination_signal()
  }

  /// The time between two frames when only figures change.
  private var calmInterval: Double {
    min(max(frameCost / Self.calmShare, Self.calmInterval), Self.longestInterval)
  }

  /// Takes what has come from the run and from around it, and moves a cursor that plays. Returns whether
  /// something is new.
  private func takeNews(now: Double) -> Bool {
    state.label = session.place.label
    var hasNews = session.poll(&state, now: now)
    session.foresee(&state, now: now)
    if takeDistilled(now: now) { hasNews = true }
    if takeEnded(now: now) { hasNews = true }
    if surroundings.poll(session.place, state, now: now) {
      state.runs = surroundings.runs
      state.checkpointSteps = surroundings.checkpoints?.map(\.step) ?? []
      hasNews = true
    }
    if state.isPlaying, now >= nextMove {
      nextMove = now + Self.moveInterval
      state.play(session.record)
      hasNews = true
    }
    return hasNews
  }

  private enum Outcome { case leave, news, nothing }

  private func takeInput(now: Double) -> Outcome {
    var outcome = Outcome.nothing
    while let input = terminal.read() {
      outcome = .news
      switch input {
      case .resized: terminal.redraw()
      case .click(let x, let y): state.click(x, y, size: terminal.size, session.record)
      case .wheel(_, _, let isUp):
        guard state.overlay == nil else { continue }
        let key: Key = state.panel.isList ? (isUp ? .up : .down) : .character(isUp ? "+" : "-")
        _ = state.handle(key, record: session.record, now: now)
      case .key(let key):
        guard let effect = state.handle(key, record: session.record, now: now) else { continue }
        guard effect != .detach else { return .leave }
        carryOut(effect, now: now)
      }
    }
    return outcome
  }

  private func carryOut(_ effect: Effect, now: Double) {
    switch effect {
    case .detach: break
    case .send(let change): session.send(.change(change), &state, now: now)
    case .undo(let id, let change):
      session.send(.change(change), &state, now: now, id: Journal.undoing(id))
    case .preview(let change): session.send(.preview(change), &state, now: now)
    case .distil(let request): distil(request)
    case .changeRun(let distance): changeRun(distance, now: now)
    case .show(let place, let others): show(place, over: others)
    case .layOver(let others): layOver(others)
    case .nextTheme: nextTheme(now: now)
    case .suspend: terminal.suspend()
    case .run(let line): run(line, now: now)
    case .dino(let words): run(words, now: now)
    case .save: save(now: now)
    }
  }

  private func draw(now: Double) {
    let size = terminal.size
    let begin = Clock.thread()
    defer { frameCost = Clock.thread() - begin }
    if case .runs(let list) = state.overlay {
      terminal.show(drawRunList(list, state.runs, notice: state.notice, now: now, size: size))
    } else if let record = session.record {
      var view = RunView(record: record, state: state, now: now)
      view.parent = session.parent
      view.pictures = session.pictures
      view.others = surroundings.others
      view.checkpoints = surroundings.checkpoints
      view.label = session.place.label
      view.judged = judge(view, now: now)
      terminal.show(drawDashboard(view, size: size))
    } else {
      let text = state.notice?.text ?? "… connecting to \(session.place.label)"
      terminal.show(drawMessage(text, size: size))
    }
  }

  /// What was concluded from the run, from which, and when.
  private var judgement:
    (found: RunJudgement, place: RunPlace, link: RunViewState.Link, time: Double)?

  /// Returns what is concluded from the run, at most a second old.
  private func judge(_ view: RunView, now: Double) -> RunJudgement {
    if let judgement, judgement.place == session.place, judgement.link == state.link,
      (0..<1).contains(now - judgement.time)
    {
      return judgement.found
    }
    let found = view.judgement
    judgement = (found, session.place, state.link, now)
    return found
  }

  /// Waits for input from the keyboard or the run. Returns `false` if the terminal is gone.
  private func waitForInput(milliseconds: Int32) -> Bool {
    var files = [
      pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
      pollfd(fd: session.fileDescriptor, events: Int16(POLLIN), revents: 0),
    ]
    _ = Glibc.poll(&files, nfds_t(files.count), milliseconds)
    return files[0].revents & Int16(POLLHUP | POLLERR | POLLNVAL) == 0
  }

  private func show(_ place: RunPlace, over others: [String: RunPlace]) {
    if place != session.place {
      session = open(place)
      state.leaveRun()
    }
    layOver(others)
  }

  private func layOver(_ others: [String: RunPlace]) {
    state.overlaid = others
    surroundings.layOver(Array(others.values))
  }

  private func changeRun(_ distance: Int, now: Double) {
    let names = runs()
    guard names.count > 1 else {
      return state.say("this is the only run", .text, now: now)
    }
    let here = names.firstIndex(of: session.place) ?? 0
    session = open(names[(here + distance + names.count) % names.count])
    state.leaveRun()
  }

  private func nextTheme(now: Double) {
    let names = themes.names
    let here = names.firstIndex(of: theme.name) ?? 0
    let name = names[(here + 1) % names.count]
    do throws(ThemeError) {
      theme = try themes.load(name)
      terminal.use(theme)
      state.say("theme \(name)", .text, now: now)
    } catch {
      state.say("✗ \(error)", .bad, now: now)
    }
  }
}
