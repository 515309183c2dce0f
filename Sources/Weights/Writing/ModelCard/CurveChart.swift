import Support

#if canImport(Glibc)
  import Glibc
#endif

/// A chart of curves over steps as part of an SVG image, with axes and a legend.
struct CurveChart {
  let title: String
  let curves: [Curve]
  let lastStep: Int
  /// The top left corner of the plot area, which has the same size in all charts.
  let left: Double
  let top: Double

  static let width = 440.0
  static let height = 240.0

  /// The chart's SVG elements.
  var svg: String {
    let marks = Self.marks(range)
    let low = min(range.lowerBound, marks.first ?? 0)
    let high = max(range.upperBound, marks.last ?? 1)
    func y(_ value: Double) -> Double {
      top + Self.height * (1 - (value - low) / (high - low))
    }
    var parts = [text(title, left, top - 26, size: 14)]
    for mark in marks {
      parts.append(line(y(mark), "#ddd"))
      parts.append(text(Self.label(mark, marks), left - 6, y(mark) + 4, anchor: "end"))
    }
    for mark in Self.marks(0...Double(max(lastStep, 1))) where mark <= Double(lastStep) {
      parts.append(text(Format.count(Int(mark)), x(mark), top + Self.height + 16, anchor: "middle"))
    }
    for curve in curves {
      let points = curve.points.map {
        Format.decimals(x(Double($0.step)), 1) + "," + Format.decimals(y($0.value), 1)
      }
      parts.append(
        "<polyline fill=\"none\" stroke=\"\(curve.colour)\" stroke-width=\"1.5\" "
          + "points=\"\(points.joined(separator: " "))\"/>")
      // A polyline of a single point is invisible, so a circle marks it.
      if curve.points.count == 1, let point = curve.points.first {
        parts.append(
          "<circle cx=\"\(Format.decimals(x(Double(point.step)), 1))\" "
            + "cy=\"\(Format.decimals(y(point.value), 1))\" r=\"3\" fill=\"\(curve.colour)\"/>")
      }
    }
    return (parts + legend).joined(separator: "\n")
  }

  private var legend: [String] {
    var place = left
    return curves.map { curve in
      defer { place += 16 + 6.2 * Double(curve.name.count) }
      return text(curve.name, place, top - 9, fill: curve.colour)
    }
  }

  private var range: ClosedRange<Double> {
    let values = curves.flatMap { $0.points.map(\.value) }
    let (low, high) = (values.min() ?? 0, values.max() ?? 1)
    return low < high ? low...high : low - 0.5...high + 0.5
  }

  private func x(_ step: Double) -> Double { left + Self.width * step / Double(max(lastStep, 1)) }

  private func line(_ y: Double, _ colour: String) -> String {
    "<line x1=\"\(left)\" x2=\"\(left + Self.width)\" y1=\"\(Format.decimals(y, 1))\" "
      + "y2=\"\(Format.decimals(y, 1))\" stroke=\"\(colour)\"/>"
  }

  private func text(
    _ text: String, _ x: Double, _ y: Double, size: Int = 11, anchor: String = "start",
    fill: String = "#222"
  ) -> String {
    "<text x=\"\(Format.decimals(x, 1))\" y=\"\(Format.decimals(y, 1))\" font-size=\"\(size)\" "
      + "text-anchor=\"\(anchor)\" fill=\"\(fill)\">\(text.xmlEscaped)</text>"
  }

  /// Returns about four to eight round numbers that span a range.
  static func marks(_ range: ClosedRange<Double>) -> [Double] {
    let rough = (range.upperBound - range.lowerBound) / 5
    let power = pow(10, floor(log10(rough)))
    let step = power * ([1, 2, 5].first { $0 * power >= rough } ?? 10)
    let first = Int((range.lowerBound / step).rounded(.down))
    let last = Int((range.upperBound / step).rounded(.up))
    return (first...last).map { Double($0) * step }
  }

  private static func label(_ mark: Double, _ marks: [Double]) -> String {
    let step = marks.count > 1 ? marks[1] - marks[0] : 1
    return Format.decimals(mark, min(6, max(0, Int((-log10(step) - 1e-9).rounded(.up)))))
  }
}
