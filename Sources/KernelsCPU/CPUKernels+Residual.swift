import Kernels
import Tensor

extension CPUKernels {
  package func addResidual(
    _ y: Matrix, scale: Buffer, rows: Indices?, segments: [RowSegment], to x: Matrix
  ) {
    check(y, rows, segments, x)
    let width = y.columns
    let (branch, gamma, stream) = (elements(y), pointer(scale), pointer(x))
    let chosen = rows.map(pointer)
    parallel(y.rows, cost: width) { range in
      forEachRow(range, of: segments) { row, factor in
        let target = stream + (chosen.map { Int($0[row]) } ?? row) * width
        forEachVector(width) { i, lanes in
          let scaled = load(gamma + i, lanes) * factor
          let sum = load(target + i, lanes).addingProduct(
            scaled, branch.load(row * width + i, lanes))
          store(sum, target + i, lanes)
        }
      }
    }
  }

  package func addResidualBackward(
    _ dx: Matrix, y: Matrix, scale: Buffer, rows: Indices?, segments: [RowSegment], dy: Matrix,
    dScale: Buffer
  ) {
    check(y, rows, segments, dx)
    precondition(dy.rows == y.rows && dy.columns == y.columns)
    let width = y.columns
    let (branch, gamma, stream) = (elements(y), pointer(scale), pointer(dx))
    let (out, chosen) = (elements(dy), rows.map(pointer))
    let sums = partialSums(y.rows, width: width) { range, partial in
      forEachRow(range, of: segments) { row, factor in
        let source = stream + (chosen.map { Int($0[row]) } ?? row) * width
        forEachVector(width) { i, lanes in
          let gradient = load(source + i, lanes) * factor
          let total = load(partial + i, lanes).addingProduct(
            gradient, branch.load(row * width + i, lanes))
          store(total, partial + i, lanes)
          out.store(gradient * load(gamma + i, lanes), row * width + i, lanes)
        }
      }
    }
    add(sums, from: 0, count: width, to: pointer(dScale))
  }

  private func check(_ y: Matrix, _ rows: Indices?, _ segments: [RowSegment], _ x: Matrix) {
    precondition(x.columns == y.columns && (rows?.count ?? x.rows) == y.rows)
    precondition(segments.reduce(0) { $0 + $1.count } == y.rows, "segments cover every row")
  }
}

/// Calls `body` with each row of `range` and its segment's factor.
@inline(__always)
private func forEachRow(
  _ range: Range<Int>, of segments: [RowSegment], _ body: (_ row: Int, _ factor: Float) -> Void
) {
  var end = 0
  for segment in segments {
    let begin = end
    end += segment.count
    for row in max(
      begin, range.lowerBound)..<max(begin, range.lowerBound, min(end, range.upperBound))
    {
      body(row, segment.factor)
    }
  }
}
