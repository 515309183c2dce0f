/// A point of a curve.
package struct Point: Equatable, Sendable {
  /// The coordinates in units of the axes.
  package var x: Double
  package var y: Double

  /// Creates a point.
  package init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}

/// The part of a curve in one column of dots.
///
/// Several samples may share a column. The lowest and the highest are kept so that no spike is
/// lost, and the first and the last so that adjacent columns join.
package struct ColumnSpan: Equatable {
  /// The column of dots.
  package var column: Int
  /// The first and the last value in the column.
  package var first: Double
  package var last: Double
  /// The lowest and the highest value in the column.
  package var low: Double
  package var high: Double

  /// Creates a span.
  package init(column: Int, first: Double, last: Double, low: Double, high: Double) {
    self.column = column
    self.first = first
    self.last = last
    self.low = low
    self.high = high
  }

  mutating func add(_ value: Double) {
    last = value
    low = min(low, value)
    high = max(high, value)
  }
}

/// Returns the columns that a curve touches, from left to right.
/// Points must be in ascending order of x. Points outside the axis or with a value that the scale cannot show are
/// omitted.
package func envelope(
  _ points: [Point], along axis: Axis, over scale: Axis.Scale = .linear, columns: Int
) -> [ColumnSpan] {
  guard columns > 0 else { return [] }
  var spans: [ColumnSpan] = []
  var span: ColumnSpan?
  for point in points where scale.canShow(point.y) {
    guard let position = axis.position(point.x), position >= 0, position <= 1 else { continue }
    let column = min(Int(position * Double(columns)), columns - 1)
    if span?.column == column {
      span?.add(point.y)
    } else {
      if let span { spans.append(span) }
      span = ColumnSpan(
        column: column, first: point.y, last: point.y, low: point.y, high: point.y)
    }
  }
  if let span { spans.append(span) }
  return spans
}
