import Run
import Support

/// Commands of the shell that run beside the dashboard.
extension RunScreen {
  /// Runs a command about the run on the screen.
  func run(_ line: ShellLine, now: Double) {
    var words = line.words(run: session.place.label, in: folder)
    if line.command.name == "shot" { words += shown }
    run(words, now: now)
  }

  /// Runs a command of `dino`.
  func run(_ words: [String], now: Double) {
    let name = words.first ?? ""
    do {
      commands.append((name, try CommandProcess(words)))
      state.say("… \(name)", .accent, now: now)
    } catch {
      state.say("✗ \(name): \(error)", .bad, now: now)
    }
  }

  /// Writes a picture of the screen into the present folder, as PNG where there is a program for it.
  func save(now: Double) {
    let step = state.cursor ?? session.record?.status.step ?? 0
    let name = "\(session.place.label)-\(state.panel.title.lowercased())-\(step)"
    let kind = ProgramPath.find("rsvg-convert") == nil ? "svg" : "png"
    let file = String(name.map { $0 == ":" || $0 == "/" ? "-" : $0 }) + "." + kind
    let command = ShellCommand.all.first { $0.name == "shot" }
    if let command { run(ShellLine(command, ["--to", file]), now: now) }
  }

  /// Says what came of commands that have ended. Returns whether one has.
  func takeEnded(now: Double) -> Bool {
    let before = commands.count
    commands.removeAll { name, process in
      guard let ending = process.poll() else { return false }
      let said = Self.firstLine(of: ending) ?? (ending.succeeded ? "done" : "it ended silently")
      state.say(
        ending.succeeded ? "✓ \(name): \(said)" : "✗ \(name): \(said)",
        ending.succeeded ? .good : .bad, now: now)
      return true
    }
    return commands.count < before
  }

  /// The first line of what a command said, without the name of the program; `nil` if it said nothing.
  static func firstLine(of ending: CommandProcess.Ending) -> String? {
    guard let line = ending.output.split(separator: "\n").first.map(String.init) else { return nil }
    let program = ["dino: ", "dinod: "].first { line.hasPrefix($0) }
    return String(line.dropFirst(program?.count ?? 0))
  }

  /// The folder that holds the runs, of a run of this machine.
  private var folder: String? { session.place.directory.map { FilePath.parent(of: $0.path) } }

  /// The options of `dino shot` for what is on the screen.
  private var shown: [String] {
    let size = terminal.size
    var words = ["--size", "\(size.width)x\(size.height)", "--theme", theme.name]
    let layout = Layout(size, panel: state.panel, isExpanded: state.isExpanded)
    if layout?.isTabbed != false { words += ["--panel", state.panel.title.lowercased()] }
    if state.panel == .pictures { words += ["--pictures", state.pictures.rawValue] }
    if let step = state.cursor { words += ["--at", String(step)] }
    if let window = state.window { words += ["--last", String(window)] }
    if state.smoothing > 0 { words += ["--smooth", String(state.smoothing)] }
    if state.isSplit { words.append("--split") }
    if state.scale == .log { words.append("--log") }
    return words
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
    let said = Self.firstLine(of: ending) ?? "it ended silently"
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
