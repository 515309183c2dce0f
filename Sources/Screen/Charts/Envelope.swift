/// A point of a curve.
package struct Point: Equatable, Sendable {
  package var x: Double
  package var y: Double

  package init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}

/// What a curve does within one column of dots.
///
/// Several samples may fall into it: the lowest and the highest are kept, so that no spike is lost,
/// and the first and the last, so that neighbours join up.
package struct ColumnSpan: Equatable {
  package var column: Int
  package var first: Double
  package var last: Double
  package var low: Double
  package var high: Double

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

/// The columns that a curve touches, from left to right. Points rise in x; those outside the axis
/// or without a finite value are left out.
package func envelope(_ points: [Point], along axis: Axis, columns: Int) -> [ColumnSpan] {
  var spans: [ColumnSpan] = []
  for point in points where point.y.isFinite {
    guard columns > 0, let position = axis.position(point.x), position >= 0, position <= 1 else {
      continue
    }
    let column = min(Int(position * Double(columns)), columns - 1)
    if spans.last?.column == column {
      spans[spans.count - 1].add(point.y)
    } else {
      spans.append(
        ColumnSpan(
          column: column, first: point.y, last: point.y, low: point.y, high: point.y))
    }
  }
  return spans
}
