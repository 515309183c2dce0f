import Run
import Schedule
import Support

extension RunState {
  /// The glyph, the word and the colour, so that the state never depends on colour alone.
  package var appearance: (glyph: String, word: String, role: Role) {
    switch self {
    case .starting: ("◐", "starting", .accent)
    case .running: ("●", "running", .good)
    case .paused: ("‖", "paused", .warn)
    case .stopping: ("◐", "stopping", .warn)
    case .stopped: ("■", "stopped", .text)
    case .finished: ("✓", "finished", .good)
    case .failed: ("✗", "failed", .bad)
    }
  }
}

/// Draws the run's name, state, progress and most important metrics.
///
/// - Parameter showsFurther: whether to name the panels that are only shown alone, since no tabs do.
func drawHeader(_ view: RunView, showsFurther: Bool = false, on canvas: inout Canvas) {
  let status = view.record.status
  canvas.box(
    Rect(x: 0, y: 0, width: canvas.width, height: canvas.height),
    title: [("dino ", Style(.dim)), (view.label, Style(.title, .bold))],
    note: view.isCuration
      ? "curation · \(Format.count(status.images, "image"))"
      : "\(status.arch) · \(Format.scaled(Double(status.parameters))) parameters · "
        + "\(Format.count(status.images, "image")) · batch \(status.imagesPerStep)",
    border: Style(.border))
  if showsFurther { drawFurtherPanels(view, on: &canvas) }
  canvas.within(Rect(x: 2, y: 1, width: canvas.width - 4, height: canvas.height - 2)) { inner in
    drawState(view, on: &inner)
    drawProgress(view, on: &inner)
    drawVitalSigns(view, on: &inner)
    if inner.height > 3, let line = view.judgement.learning {
      let now = view.state.cursor == nil ? "" : "now: "
      inner.text(now + line.text, x: 0, y: 3, Style(line.role))
    }
  }
}

/// Names the panels that are only shown alone, in the lower edge of the frame.
private func drawFurtherPanels(_ view: RunView, on canvas: inout Canvas) {
  var pieces: [(String, Style)] = [(" ", Style(.border))]
  for panel in view.panels where panel.isAlwaysAlone {
    pieces += [("\(view.digit(of: panel)) ", Style(.key)), ("\(panel.title)  ", Style(.dim))]
  }
  pieces += [("R ", Style(.key)), ("Runs ", Style(.dim))]
  let width = pieces.reduce(0) { $0 + $1.0.columns }
  canvas.text(pieces, x: max(canvas.width - width - 3, 0), y: canvas.height - 1)
}

/// Draws the state and the phase at the left, and times at the right.
private func drawState(_ view: RunView, on canvas: inout Canvas) {
  let status = view.record.status
  let (glyph, state, role) = view.shownState
  let phase = status.phase
  let word = view.isCuration ? "stage" : "phase"
  let place = phase.count > 1 ? "\(word) \(phase.index + 1) of \(phase.count) " : "\(word) "
  let ending = view.elapsed.map { "elapsed \(Format.duration($0))" }
  let controller = Journal(view.record.journal).controller(at: view.now).map {
    "control: \($0.person)"
  }
  let left =
    status.state.isAlive && !view.isInterrupted
    ? status.timeLeft.map { "left \(Format.duration($0))" } : nil
  var pieces = [
    ("\(glyph) \(state)", Style(role, .bold)), ("   \(place)", Style(.dim)),
    (phase.name, Style(.text)),
  ]
  let crops = view.isCuration ? "" : "   crops " + phase.crops(joinedBy: "/")
  let width = pieces.reduce(crops.columns) { $0 + $1.0.columns }
  // What is left has its place before the crops.
  if width + 1 + ((left ?? ending)?.columns ?? 0) <= canvas.width {
    pieces.append((crops, Style(.dim)))
  }
  let end = canvas.text(pieces, x: 0, y: 0)
  let times = [controller, ending, left].compactMap(\.self).joined(separator: "   ")
  if canvas.width - times.columns > end + 1 {
    canvas.text(times, endingAt: canvas.width, y: 0, Style(.text))
  } else if let last = left ?? ending {
    canvas.text(last, endingAt: canvas.width, y: 0, Style(.text))
  }
}

private func drawProgress(_ view: RunView, on canvas: inout Canvas) {
  let status = view.record.status
  let (done, all) =
    view.isCuration ? (status.phase.step, status.phase.steps) : (status.step, status.steps)
  let part = Double(done) / Double(max(all, 1))
  let text =
    "\(Format.count(done)) / \(Format.count(all))"
    + (view.isCuration ? " \(status.data)" : " steps")
  let percent = Format.percent(part)
  let start = canvas.text(text, endingAt: canvas.width, y: 1, Style(.text))
  canvas.text(percent, endingAt: start - 2, y: 1, Style(.title, .bold))
  canvas.gauge(part, x: 0, y: 1, width: start - 10)
}

private func drawVitalSigns(_ view: RunView, on canvas: inout Canvas) {
  let (glyph, word, role) = view.judgement.health.verdict.appearance
  var signs = view.isCuration ? curationSigns(view) : trainingSigns(view)
  // With a cursor these are values of its step, and all else in the header is of now.
  if let step = view.sample?.step, view.state.cursor != nil {
    signs.insert([("at step \(Format.count(step))", Style(.accent, .bold))], at: 0)
  }
  let health = view.isCuration ? [("", Style(.dim))] : [("\(glyph) \(word)", Style(role, .bold))]
  let room = canvas.width - health[0].0.columns - 2
  var width = 0
  signs = signs.filter { sign in
    let columns = sign.reduce(3) { $0 + $1.0.columns }
    guard width + columns <= room else { return false }
    width += columns
    return true
  }
  var x = 0
  for sign in signs { x = canvas.text(sign, x: x, y: 2) + 3 }
  canvas.text(health[0].0, endingAt: canvas.width, y: 2, health[0].1)
}

private func curationSigns(_ view: RunView) -> [[(String, Style)]] {
  [
    [
      ("rate ", Style(.dim)),
      (
        (view.latest(.imagesPerSecond).map(Format.number) ?? "–") + "/s", Style(.text, .bold)
      ),
    ],
    [("memory ", Style(.dim)), (view.text(.memoryResident), Style(.text))],
  ]
}

private func trainingSigns(_ view: RunView) -> [[(String, Style)]] {
  [
    [
      ("loss ", Style(.dim)),
      (view.latest(.totalLoss).map(Format.loss) ?? "–", Style(.lossTotal, .bold)),
    ],
    [
      ("images/s ", Style(.dim)),
      (view.latest(.imagesPerSecond).map(Format.number) ?? "–", Style(.text)),
    ],
    qualitySign(view),
    [("lr ", Style(.dim)), (view.text(.lr), Style(.text))],
    [("memory ", Style(.dim)), (view.text(.memoryResident), Style(.text))],
    [("step ", Style(.dim)), (view.text(.timeStep), Style(.text))],
  ]
}

/// The accuracy of k-NN; without labels RankMe.
private func qualitySign(_ view: RunView) -> [(String, Style)] {
  let accuracy = view.latestProbe(.knnLearned)
  if accuracy == nil, let rank = view.latestProbe(.rankMe) {
    return [("RankMe ", Style(.dim)), (Format.decimals(rank, 1), Style(.probeLearned))]
  }
  return [
    ("k-NN ", Style(.dim)), (accuracy.map(Format.percent) ?? "–", Style(.probeLearned)),
  ]
}

extension RunView {
  /// The run's state as far as it is known. A run shown from its database is not running, even if
  /// its last recorded state says so.
  package var shownState: (glyph: String, word: String, role: Role) {
    isInterrupted ? ("✗", "interrupted", .warn) : record.status.state.appearance
  }

  /// Whether the run's daemon died before it recorded an end.
  var isInterrupted: Bool { state.link == .history && record.status.state.isAlive }

  /// The seconds since the daemon started or resumed the run, up to the last step if it has ended.
  var elapsed: Double? {
    let isAtWork = record.status.state.isAlive && state.link != .history
    let end = isAtWork ? now : record.samples.last?.time ?? record.events.last?.time
    return end.map { max($0 - record.status.startedAt, 0) }
  }
}
