import CommandKit
import Run
import Screen
import Support
import Wire

extension Subcommand {
  static let previewing = Option(
    "--preview", nil, "show what it would do and cost, and change nothing")

  /// Asks what a change would do and prints it. Returns 1 if the change would be refused.
  static func showPreview(
    of change: Change, _ run: FoundRun, _ arguments: Arguments
  ) throws -> Int32 {
    let reply = try taken(try answer(.preview(change), of: run), change.summary, run)
    if let preview = reply.preview {
      print(
        arguments.has("--json") ? try JSONText.pretty(preview) : phaseText(preview, run.name))
      return preview.refusal == nil ? 0 : 1
    }
    guard let preview = reply.expected else {
      throw Failure("the daemon of \(run.name) is too old for previews of \(change.kind.name)")
    }
    print(arguments.has("--json") ? try JSONText.pretty(preview) : text(preview, change, run))
    return preview.refusal == nil ? 0 : 1
  }

  /// Returns a preview as text: a line, and a chart of each schedule that would move.
  private static func text(_ preview: ChangePreview, _ change: Change, _ run: FoundRun) -> String {
    if let refusal = preview.refusal {
      return "\(run.name): \(change.summary): refused: \(refusal)"
    }
    let dropped = preview.dropped.map { ", dropping \(Format.count($0, "step"))" } ?? ""
    let bytes = preview.bytes.map { ", \(Format.bytes(Double($0))) on the disk" } ?? ""
    var lines = [
      "\(run.name): \(change.summary): would affect step \(Format.count(preview.first)) first\(dropped)\(bytes)"
    ]
    for (before, after) in zip(preview.before, preview.after) {
      let (old, new) = (value(of: before, at: preview.first), value(of: after, at: preview.first))
      lines.append(
        "  \(before.metric.rawValue) in that step: \(Format.number(new)) instead of "
          + Format.number(old))
      lines += chart(before, after, from: preview.first)
    }
    return lines.joined(separator: "\n")
  }

  /// Returns the value of a planned curve at a step, between its points.
  private static func value(of curve: PlannedCurve, at step: Int) -> Double {
    guard let next = curve.steps.firstIndex(where: { $0 >= step }) else {
      return curve.values.last ?? .nan
    }
    guard next > 0, curve.steps[next] > step else { return curve.values[next] }
    let (left, right) = (curve.steps[next - 1], curve.steps[next])
    let part = Double(step - left) / Double(right - left)
    return curve.values[next - 1] + (curve.values[next] - curve.values[next - 1]) * part
  }

  /// Returns a chart of a schedule as it is and as it would be.
  private static func chart(
    _ before: PlannedCurve, _ after: PlannedCurve, from first: Int
  ) -> [String] {
    func points(_ curve: PlannedCurve) -> [Point] {
      zip(curve.steps, curve.values).map { Point(x: Double($0), y: $1) }
    }
    var canvas = Canvas(Size(76, 12))
    var chart = LineChart(
      series: [
        Series(points(before), .dim, label: "now"), Series(points(after), .schedule, label: "new"),
      ], x: Axis(from: 0, to: Double(max(before.steps.last ?? 1, after.steps.last ?? 1))))
    chart.marks = [Mark(x: Double(first), glyph: "▼", role: .accent)]
    chart.draw(on: &canvas)
    return (Terminal.showsUnicode ? canvas : canvas.ascii).rows.map { "  " + $0 }
  }
}
