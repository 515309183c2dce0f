import CommandKit
import Run
import Support

extension RecipeSchedules {
  /// The text for a terminal: a table of the values where something changes, then a curve for each
  /// schedule.
  var text: String {
    "\(name): \(Format.count(plan.totalSteps, "step")) of \(Format.count(imagesPerStep, "image"))\n\n"
      + table + "\n"
      + Self.metrics.map { chart($0) + "\n" }.joined()
  }

  private var table: String {
    var rows = [["step"] + Self.metrics.map(\.rawValue)]
    for step in landmarks {
      rows.append([String(step)] + Self.metrics.map { Self.short(plan.value($0, at: step)) })
    }
    return TextTable(rows[0].map { _ in .right }, rows).text + "\n"
  }

  private static let width = 64
  private static let height = 4
  private static let blocks = Array(" ▁▂▃▄▅▆▇█")

  /// Returns a filled curve in eighths of a character, with its smallest and largest value on the
  /// left.
  private func chart(_ metric: Metric) -> String {
    let total = plan.totalSteps
    let steps = (0..<Self.width).map { 1 + (total - 1) * $0 / (Self.width - 1) }
    let values = values(metric, at: steps)
    // Peaks may lie between the columns.
    let extremes = values + self.values(metric, at: landmarks)
    let range = Self.range(extremes)
    let levels = values.map { value in
      // The smallest value is still drawn as a line.
      let share = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
      return 1 + Int((share * Double(8 * Self.height - 1)).rounded())
    }
    let lines = (0..<Self.height).map { row in
      let below = 8 * (Self.height - 1 - row)
      let cells = levels.map { Self.blocks[max(0, min(8, $0 - below))] }
      let edge =
        row == 0
        ? Self.short(extremes.max()!)
        : row == Self.height - 1 ? Self.short(extremes.min()!) : ""
      return "  \(edge.padded(10, right: true)) " + String(cells).trimmedEnd + "\n"
    }
    return metric.rawValue + "\n" + lines.joined()
  }

  /// A picture of all schedules over the steps of the run, one below the other.
  var svg: String {
    let (width, panel, left, gap) = (760.0, 120.0, 90.0, 44.0)
    let height = Double(Self.metrics.count) * (panel + gap) + 40
    let steps = steps
    let total = Double(max(plan.totalSteps - 1, 1))
    let panels = Self.metrics.enumerated().map { number, metric in
      let values = values(metric, at: steps)
      let range = Self.range(values)
      let top = 44 + Double(number) * (panel + gap)
      let points = zip(steps, values).map { step, value in
        let x = left + (width - left - 20) * Double(step - 1) / total
        let share = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
        return "\(Format.decimals(x, 1)),\(Format.decimals(top + panel * (1 - share), 1))"
      }
      return """
        <text x="\(left)" y="\(top - 8)" class="name">\(metric.rawValue)</text>
        <path d="M\(left) \(top)V\(top + panel)H\(width - 20)" class="axis"/>
        <text x="\(left - 6)" y="\(top + 10)" class="edge">\(Self.short(values.max()!))</text>
        <text x="\(left - 6)" y="\(top + panel)" class="edge">\(Self.short(values.min()!))</text>
        <polyline points="\(points.joined(separator: " "))"/>

        """
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" \
      font-family="sans-serif" font-size="12">
      <style>
      svg { background: #fff } text { fill: #333 } .name { font-weight: bold }
      .edge { text-anchor: end } .axis { fill: none; stroke: #999 }
      polyline { fill: none; stroke: #1f77b4; stroke-width: 1.5 }
      </style>
      <text x="\(left)" y="18">\(name.xmlEscaped): steps 1 to \(plan.totalSteps), \(Format.count(imagesPerStep, "image")) \
      each</text>
      \(panels.joined())</svg>

      """
  }

  /// Returns the range from the smallest to the largest value; for a constant, a range that
  /// contains it.
  private static func range(_ values: [Double]) -> ClosedRange<Double> {
    let (least, greatest) = (values.min()!, values.max()!)
    return least < greatest ? least...greatest : least...least + max(abs(least), 1)
  }

  private static func short(_ value: Double) -> String {
    guard value == 0 || (0.001..<1000).contains(abs(value)) else {
      return Format.scientific(value, 2)
    }
    return Format.shortDecimals(value, 5)
  }
}
