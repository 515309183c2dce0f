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

  /// Draws the schedules that the change would move, as they are and as they would be, side by side.
  package func drawCurves(on canvas: inout Canvas) {
    let pairs = Array(zip(before, after))
    guard !pairs.isEmpty, canvas.height >= 4 else { return }
    let shown = pairs.prefix(max(1, canvas.width / 18))
    let width = (canvas.width - 2 * (shown.count - 1)) / shown.count
    for (place, (before, after)) in shown.enumerated() {
      let last = max(before.steps.last ?? 2, after.steps.last ?? 2, 2)
      var chart = LineChart(
        series: [
          Series(before.points, .dim, label: "now"), Series(after.points, .schedule, label: "new"),
        ], x: Axis(from: 0, to: Double(last)))
      chart.marks = [Mark(x: Double(first), glyph: "▼", role: .accent)]
      let part = Rect(x: place * (width + 2), y: 0, width: width, height: canvas.height)
      canvas.within(part) { chart.draw(on: &$0) }
    }
  }
}
