import Run
import Support

extension PlannedCurve {
  /// The curve's points.
  var points: [Point] { zip(steps, values).map { Point(x: Double($0), y: $1) } }

  /// Returns the value at a step, between the points.
  func value(at step: Int) -> Double {
    guard let next = steps.firstIndex(where: { $0 >= step }) else { return values.last ?? .nan }
    guard next > 0, steps[next] > step else { return values[next] }
    let (left, right) = (steps[next - 1], steps[next])
    let part = Double(step - left) / Double(right - left)
    return values[next - 1] + (values[next] - values[next - 1]) * part
  }
}

extension ChangePreview {
  /// What the change would do, line by line: the first step that feels it, and each schedule there.
  package var lines: [String] {
    if let refusal { return ["it would be refused: \(refusal)"] }
    let dropped = dropped.map { ", dropping \(Format.count($0, "step"))" } ?? ""
    let bytes = bytes.map { ", \(Format.bytes(Double($0))) on the disk" } ?? ""
    return ["it would affect step \(Format.count(first)) first\(dropped)\(bytes)"]
      + zip(before, after).map { before, after in
        "\(before.metric.rawValue) in that step: \(Format.number(after.value(at: first))) instead of "
          + Format.number(before.value(at: first))
      }
  }

  /// Draws the schedules that the change would move, as they are and as they would be.
  package func drawPlans(on canvas: inout Canvas) {
    Screen.drawPlans(Array(zip(before, after)), from: first, on: &canvas)
  }
}

/// Draws schedules as they are and as they would be, side by side, with a mark at the first step that a change
/// affects. Several have their names above them.
func drawPlans(
  _ pairs: [(before: PlannedCurve, after: PlannedCurve)], from first: Int, on canvas: inout Canvas
) {
  let shown = pairs.prefix(max(1, canvas.width / 18))
  let title = shown.count > 1 ? 1 : 0
  guard !shown.isEmpty, canvas.height >= 4 + title else { return }
  let width = (canvas.width - 2 * (shown.count - 1)) / shown.count
  for (place, (before, after)) in shown.enumerated() {
    let x = place * (width + 2)
    if title > 0 {
      canvas.text(
        before.metric.rawValue.replacing("_", with: " "), x: x, y: 0, Style(.dim), width: width)
    }
    let last = max(before.steps.last ?? 2, after.steps.last ?? 2, 2)
    var chart = LineChart(
      series: [
        Series(before.points, .dim, label: "now"), Series(after.points, .schedule, label: "new"),
      ], x: Axis(from: 0, to: Double(last)))
    chart.marks = [Mark(x: Double(first), glyph: "▼", role: .accent)]
    let part = Rect(x: x, y: title, width: width, height: canvas.height - title)
    canvas.within(part) { chart.draw(on: &$0) }
  }
}
