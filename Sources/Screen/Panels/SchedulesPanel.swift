import Run
import Support

/// Draws the schedules over the whole run: past, current and planned values.
func drawSchedules(_ view: RunView, on canvas: inout Canvas) {
  let shown = plannedSchedules(view)
  guard !shown.isEmpty else {
    canvas.text("no schedules yet", x: 0, y: canvas.height / 2, Style(.dim))
    return
  }
  let columns = min(max(canvas.width / 34, 1), shown.count)
  let rows = min(max(canvas.height / 5, 1), (shown.count + columns - 1) / columns)
  let gap = 2
  let width = (canvas.width - gap * (columns - 1)) / columns
  let height = canvas.height / rows
  for (index, metric) in shown.prefix(columns * rows).enumerated() {
    let place = Rect(
      x: index % columns * (width + gap), y: index / columns * height, width: width,
      height: index / columns == rows - 1 || height < 8 ? height : height - 1)
    canvas.within(place) { drawSchedule(metric, view, on: &$0) }
  }
}

/// Returns the four main schedules, then the other adjustable ones that vary or were changed.
private func plannedSchedules(_ view: RunView) -> [Metric] {
  let first: [Metric] = [.lr, .weightDecay, .momentumTeacher, .teacherTemp]
  let moving = view.record.plan.filter { Set($0.values).count > 1 }.map(\.metric)
  let changed = view.record.journal.compactMap(\.scheduleSet)
  let others = Metric.adjustable.filter {
    !first.contains($0) && (moving.contains($0) || changed.contains($0))
  }
  let known = Set(view.record.plan.map(\.metric))
  return (first + others).filter { known.contains($0) || view.latest($0) != nil }
}

private func drawSchedule(_ metric: Metric, _ view: RunView, on canvas: inout Canvas) {
  let now = Double(view.record.status.step)
  let planned = view.record.plan.first { $0.metric == metric }?.points ?? []
  let future = planned.filter { $0.x >= now }
  let measured = view.record.points(metric)
  let past = measured.isEmpty ? planned.filter { $0.x <= now } : measured
  let value = view.latest(metric) ?? past.last?.y
  canvas.text(
    [
      (metric.rawValue.replacing("_", with: " ") + "  ", Style(.dim)),
      (value.map(Format.number) ?? "–", Style(.text)),
    ], x: 0, y: 0)
  var chart = LineChart(
    series: overlays(metric, view, isWhole: true).unnamed()
      + [Series(past.suffix(1) + future, .dim), Series(past, .schedule)],
    x: Axis(from: 0, to: Double(max(view.record.status.steps, 2))))
  chart.marks = view.record.journal.inForce.filter { $0.scheduleSet == metric || $0.beginsPhase }
    .map { Mark(x: Double($0.step), glyph: $0.beginsPhase ? "▼" : "▲", role: .accent) }
  chart.cursor = view.cursor
  if now > 0 { chart.marks.append(Mark(x: now, glyph: "●", role: .schedule)) }
  canvas.within(Rect(x: 0, y: 1, width: canvas.width, height: canvas.height - 1)) {
    chart.draw(on: &$0)
  }
}
