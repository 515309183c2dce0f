#if canImport(Glibc)
  import Glibc
#endif
import Run
import Schedule
import Support

extension Health.Verdict {
  /// The glyph, the word and the colour, so that the verdict never depends on colour alone.
  package var appearance: (glyph: String, word: String, role: Role) {
    switch self {
    case .unknown: ("○", "too early to tell", .dim)
    case .healthy: ("●", "healthy", .good)
    case .watch: ("▲", "watch", .warn)
    case .collapsing: ("✗", "collapsing", .bad)
    case .interrupted: ("✗", "interrupted", .warn)
    }
  }
}

/// Draws the verdict on whether the run is learning and the metrics that it is based on.
func drawHealth(_ view: RunView, on canvas: inout Canvas) {
  let health = view.judgement.health
  let (glyph, word, role) = health.verdict.appearance
  let hidden = furtherRoom(canvas.height) == 0 ? max(health.findings.count - 1, 0) : 0
  let more = hidden > 0 ? "  +\(hidden) more" : ""
  let verdict = [
    ("\(glyph) \(word)", Style(role, .bold)), (more, Style(role)),
    ("  \(health.reason)", Style(.text)),
  ]
  canvas.text(
    health.verdict == .unknown ? [verdict[0]] : verdict, x: 0, y: 0)
  var y = drawFurther(Array(health.findings.dropFirst()), on: &canvas)
  y += canvas.height >= 9 ? 1 : 0
  for (label, metric, limit, format) in boundedRows(view) {
    var value = view.text(metric)
    if let limit, let latest = view.latest(metric), !format.isEmpty {
      value = Format.printf(format, latest) + " of " + Format.printf(format, limit)
    }
    drawTrend(label, value, [], on: &canvas, y: y)
    drawBounded(view, metric, limit, on: &canvas, y: y)
    y += 1
  }
  if canvas.height >= 11 { y += 1 }
  let norms: [(String, Metric)] = [
    ("grad backbone", .gradNormBackbone), ("grad dino head", .gradNormDinoHead),
    ("grad ibot head", .gradNormIbotHead),
  ]
  for (label, metric) in norms where view.latest(metric) != nil {
    drawTrend(label, view.text(metric), view.values(metric), on: &canvas, y: y)
    y += 1
  }
  let rest = Rect(x: 0, y: y + 1, width: canvas.width, height: canvas.height - y - 1)
  if rest.height >= 5 {
    canvas.within(rest) {
      drawCurves(
        [(.teacherEntropy, "teacher entropy, nats"), (.effectiveRank, "effective rank")], view,
        on: &$0)
    }
  }
}

/// The lines that a panel of a height has for what else is amiss.
private func furtherRoom(_ height: Int) -> Int { height >= 16 ? 4 : height >= 11 ? 1 : 0 }

/// Draws what else is amiss, a line each where there is room for all figures. Returns the next line.
private func drawFurther(_ findings: [Health.Finding], on canvas: inout Canvas) -> Int {
  let room = furtherRoom(canvas.height)
  let shown = findings.count > room ? max(room - 1, 0) : findings.count
  for (index, finding) in findings.prefix(shown).enumerated() {
    let (glyph, word, role) = finding.verdict.appearance
    canvas.text(
      [("\(glyph) \(word)", Style(role)), ("  \(finding.reason)", Style(.text))], x: 0, y: 1 + index
    )
  }
  guard findings.count > shown, room > 0 else { return 1 + shown }
  canvas.text("and \(findings.count - shown) more", x: 0, y: 1 + shown, Style(.dim))
  return 2 + shown
}

/// The diagnostics by row: what they are called, their highest possible value, and the format of
/// both; without a format the metric's own.
private func boundedRows(_ view: RunView) -> [(String, Metric, Double?, String)] {
  let bound = view.record.status.prototypes.map { log(Double($0)) }
  let rank = (view.record.status.rankBound ?? view.record.status.embedDim).map(Double.init)
  let agreement: [(String, Metric, Double?, String)] =
    view.latest(.prototypeAgreement) == nil
    ? [("agreement", .agreement, 1, "")]
    : [
      ("agreement", .prototypeAgreement, 1, ""), ("KL of CLS", .klCls, nil, ""),
      ("KL of patches", .klPatches, nil, ""),
    ]
  // Without prototypes there is a rank, and no entropy.
  let hasPrototypes = view.latest(.effectiveRank) == nil || view.latest(.teacherEntropy) != nil
  let prototypes: [(String, Metric, Double?, String)] = [
    ("entropy", .teacherEntropy, bound, "%.2f"), ("prototypes", .prototypesUsed, 1, ""),
  ]
  let spread: [(String, Metric, Double?, String)] =
    view.latest(.targetSpread) == nil ? [] : [("target spread", .targetSpread, 1, "")]
  return (hasPrototypes ? prototypes : spread) + [("effective rank", .effectiveRank, rank, "%.0f")]
    + agreement
}

/// Draws a gauge relative to the highest possible value, if there is one, and a sparkline.
private func drawBounded(
  _ view: RunView, _ metric: Metric, _ limit: Double?, on canvas: inout Canvas, y: Int
) {
  let start = trendColumn + 2
  let room = canvas.width - start
  guard let value = view.latest(metric), room > 0 else { return }
  let width = limit == nil ? 0 : min(max(room / 3, 6), 16, room)
  if let limit { canvas.meter(value / limit, x: start, y: y, width: width) }
  let rest = start + (width == 0 ? 0 : width + 2)
  canvas.sparkline(view.values(metric), x: rest, y: y, width: canvas.width - rest)
}
