import Kernels
import Tensor

extension CPUKernels {
  package func resizeGrids(_ x: Matrix, from: GridSize, into y: Matrix, to: GridSize) {
    let maps = x.rows / max(1, from.patches)
    precondition(x.rows == maps * from.patches && y.rows == maps * to.patches)
    precondition(x.columns == y.columns)
    let width = x.columns
    let (source, target) = (pointer(x), pointer(y))
    let vertical = ResizedAxis(from: from.rows, to: to.rows)
    let horizontal = ResizedAxis(from: from.columns, to: to.columns)
    let taps = vertical.mostTaps * horizontal.mostTaps
    parallel(maps * to.rows, cost: to.columns * taps * width) { lines in
      for line in lines {
        let map = source + line / to.rows * from.patches * width
        let rows = vertical.taps(line % to.rows)
        for column in 0..<to.columns {
          let columns = horizontal.taps(column)
          let out = target + (line * to.columns + column) * width
          out.update(repeating: 0, count: width)
          for row in rows.range {
            let share = vertical.weight(row, rows)
            for place in columns.range {
              let weight = Vector(repeating: Float(share * horizontal.weight(place, columns)))
              let patch = map + (row * from.columns + place) * width
              forEachVector(width) { i, lanes in
                store(
                  load(out + i, lanes).addingProduct(load(patch + i, lanes), weight), out + i, lanes
                )
              }
            }
          }
        }
      }
    }
  }
}

/// The triangles by which the places of an axis are resized.
private struct ResizedAxis {
  /// The places of the old axis that one of the new axis is made of.
  struct Taps {
    let range: Range<Int>
    let center: Double
    /// The sum of the triangle's values, by which they are divided.
    var total = 0.0
  }

  private let from: Int
  /// The old places that a new one stands for, and the triangle's half width.
  private let step: Double
  private let reach: Double

  init(from: Int, to: Int) {
    self.from = from
    step = Double(from) / Double(max(1, to))
    reach = max(step, 1)
  }

  var mostTaps: Int { Int(2 * reach) + 1 }

  @inline(__always)
  func taps(_ place: Int) -> Taps {
    let center = (Double(place) + 0.5) * step
    let first = max(Int(center - reach + 0.5), 0)
    let end = min(Int(center + reach + 0.5), from)
    var taps = Taps(range: first..<end, center: center)
    for tap in taps.range { taps.total += triangle(tap, taps) }
    return taps
  }

  @inline(__always)
  func weight(_ tap: Int, _ taps: Taps) -> Double { triangle(tap, taps) / taps.total }

  @inline(__always)
  private func triangle(_ tap: Int, _ taps: Taps) -> Double {
    max(0, 1 - abs(Double(tap) + 0.5 - taps.center) / reach)
  }
}
