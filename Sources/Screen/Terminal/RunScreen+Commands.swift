import Run
import Support

/// Commands of the shell that run beside the dashboard.
extension RunScreen {
  /// Runs a command about the run on the screen.
  func run(_ line: ShellLine, now: Double) {
    let (name, label) = (line.command.name, session.place.label)
    guard session.place.directory != nil || !line.command.isLocal else {
      return state.say("✗ \(name): run it on the machine of \(label)", .bad, now: now)
    }
    var words = line.words(run: label, in: folder)
    if name == "shot" { words += shown(besides: line.arguments) }
    run(words, now: now)
  }

  /// Runs a command of `dino`.
  func run(_ words: [String], now: Double) {
    let name = words.first ?? ""
    do {
      commands.append((words, try CommandProcess(words)))
      state.say("… \(name)", .accent, now: now)
    } catch {
      state.say("✗ \(name): \(error)", .bad, now: now)
    }
  }

  /// Writes a picture of the screen into the present folder.
  func save(now: Double) {
    if let shot = ShellLine("shot") { run(shot, now: now) }
  }

  /// Says what came of commands that have ended. Returns whether one has.
  func takeEnded(now: Double) -> Bool {
    let ended = commands.compactMap { words, process in process.poll().map { (words, $0) } }
    commands.removeAll { $0.process.hasEnded }
    for (words, ending) in ended {
      let name = words.first ?? ""
      let said = ending.summary ?? (ending.succeeded ? "done" : "it ended silently")
      if ending.succeeded { followMove(words) }
      state.say(
        "\(ending.succeeded ? "✓" : "✗") \(name): \(said)", ending.succeeded ? .good : .bad,
        now: now)
    }
    return !ended.isEmpty
  }

  /// Shows the run on the screen by its new name if it was renamed, and another one if it was removed.
  private func followMove(_ words: [String]) {
    guard let old = session.place.directory, words.count > 2, words[1] == old.name else { return }
    let place: RunPlace? =
      switch words[0] {
      case "rename": .here(old.sibling(words[2]))
      case "rm": runs().first { $0 != session.place }
      default: nil
      }
    guard let place else { return }
    let overlay = state.overlay
    session = open(place)
    state.leaveRun()
    state.overlay = overlay
  }

  /// The folder that holds the runs, of a run of this machine.
  private var folder: String? { session.place.directory.map { FilePath.parent(of: $0.path) } }

  /// The options of `dino shot` for what is on the screen, without those that were given.
  private func shown(besides given: [String]) -> [String] {
    let size = Size(min(terminal.size.width, 500), min(terminal.size.height, 300))
    let layout = Layout(
      size, panel: state.panel, isExpanded: state.isExpanded, kind: session.record?.status.kind)
    let panel = layout?.isTabbed != false ? state.panel.title.lowercased() : nil
    let pictures = state.panel == .pictures && !given.contains("--panel")
    let others = state.overlaid.keys.sorted().joined(separator: ",")
    let options: [(name: String, value: String?)] = [
      ("--to", fileName), ("--size", "\(size.width)x\(size.height)"), ("--theme", theme.name),
      ("--panel", panel), ("--pictures", pictures ? state.pictures.rawValue : nil),
      ("--at", state.cursor.map(String.init)), ("--last", state.window.map(String.init)),
      ("--smooth", state.smoothing > 0 ? String(state.smoothing) : nil),
      ("--compare", others.isEmpty ? nil : others),
    ]
    let flags = [("--split", state.isSplit), ("--log", state.scale == .log)]
    return options.filter { !given.contains($0.name) }.flatMap { option in
      option.value.map { [option.name, $0] } ?? []
    } + flags.filter { $0.1 && !given.contains($0.0) }.map(\.0)
  }

  /// The file for a picture: of the run, panel and step, as PNG where there is a program for it.
  private var fileName: String {
    let step = state.cursor ?? session.record?.status.step ?? 0
    let name = "\(session.place.label)-\(state.panel.title.lowercased())-\(step)"
    let kind = ProgramPath.find("rsvg-convert") == nil ? "svg" : "png"
    return String(name.map { $0 == ":" || $0 == "/" ? "-" : $0 }) + "." + kind
  }

  /// Starts a distillation of the run on the screen.
  func distil(_ request: DistillationRequest) {
    guard let run = session.place.directory else {
      return refuseDistilling(
        "a distillation starts on the machine of its teacher; run dino distill there")
    }
    let runs = String(run.path.dropLast(run.name.count + 1))
    do {
      distilling = try CommandProcess(request.words(parent: run.name, runs: runs))
    } catch {
      refuseDistilling("\(error)")
    }
  }

  /// Shows the new run, or the error, once the process has ended. Returns whether it has.
  func takeDistilled(now: Double) -> Bool {
    guard let ending = distilling?.poll() else { return false }
    distilling = nil
    let said = ending.summary ?? "it ended silently"
    guard ending.succeeded else {
      refuseDistilling(said)
      return true
    }
    // If the user has closed the form or opened another window, the current run stays on the
    // screen.
    guard case .distil = state.overlay else {
      state.say("✓ \(said); n shows it", .good, now: now)
      return true
    }
    let child = said.prefix { $0 != " " }
    if let run = runs().first(where: { $0.directory?.name == String(child) }) {
      session = open(run)
      state.leaveRun()
    }
    state.overlay = nil
    state.say("✓ \(said); N shows the previous run", .good, now: now)
    return true
  }

  private func refuseDistilling(_ reason: String) {
    guard case .distil(var prompt) = state.overlay else {
      return state.say("✗ distil: \(reason)", .bad, now: Clock.wall())
    }
    prompt.refuse(reason)
    state.overlay = .distil(prompt)
  }
}
