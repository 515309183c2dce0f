import Kernels
import Tensor

/// Finds nearest neighbours exactly, by products of all pairs that are searched while they are in
/// cache. Memory grows with the number of vectors, never with the number of pairs.
///
/// A scanned product only says which pairs can belong to the result; their scores are then
/// computed in fp32, in one fixed order. So the result has the same bits in any precision of the
/// kernels and for any number of threads.
package struct NeighbourSearch {
  let kernels: any PairKernels
  let pool: WorkerPool

  /// Vectors that are compared as rows at a time, and those as columns, which are packed anew for
  /// each block of rows.
  static let rowsAtATime = 8192
  static let columnsAtATime = 512
  /// The columns that are scanned first if several neighbours are wanted: until lists are full,
  /// every pair is a hit.
  private static let firstColumns = 128

  /// - Parameters:
  ///   - kernels: compute the products, in their precision.
  ///   - pool: shares all other work; it may be the pool of the kernels.
  package init(kernels: any PairKernels, pool: WorkerPool) {
    self.kernels = kernels
    self.pool = pool
  }

  /// Returns the `k` vectors of `base` with the largest dot product with each query, and above
  /// the threshold. A query that is one of the base finds itself.
  package func nearest(
    _ queries: Vectors, in base: Vectors, k: Int, above threshold: Float = -.infinity,
    progress: @escaping ProgressReport = { _ in true }
  ) throws(NeighbourError) -> NeighbourLists {
    let capacity = max(1, min(k, base.count))
    let lists = GrowingLists(count: queries.count, capacity: capacity, above: threshold)
    let part = SearchedPart(vectors: base)
    try search(queries, in: part, into: lists, ProgressSpan(report: progress))
    return lists.finished()
  }

  /// Returns the bound of the difference between a scanned and a computed score.
  func margin(_ dimension: Int, _ length: Float, _ other: Float, bias: Float = 0) -> Float {
    let error = kernels.scanError(width: dimension) + dotError(dimension)
    return 1.01 * error * (length * other + bias) + 0x1p-60
  }

  /// Puts the vectors of `part` into the lists of the queries.
  func search(
    _ queries: Vectors, in part: SearchedPart, into lists: GrowingLists, _ progress: ProgressSpan
  ) throws(NeighbourError) {
    let dimension = queries.dimension
    guard dimension == part.rows.width else { throw .dimensions(dimension, part.rows.width) }
    let margin = margin(
      dimension, queries.largestLength, part.largestLength, bias: part.largestBias)
    let (all, rows) = (queries.rows, part.rows)
    var limits = [Float](repeating: 0, count: min(Self.rowsAtATime, all.count))
    for first in stride(from: 0, to: all.count, by: Self.rowsAtATime) {
      let block = first..<min(all.count, first + Self.rowsAtATime)
      let prepared = kernels.prepare(all.rows(block))
      var column = 0
      var step = lists.capacity == 1 ? Self.columnsAtATime : Self.firstColumns
      while column < rows.count {
        let columns = column..<min(rows.count, column + step)
        _ = lists.limits(block, less: margin, into: &limits)
        kernels.scan(
          prepared, 0..<block.count, rows.rows(columns),
          bias: part.bias.map { $0 + columns.lowerBound }, limits: limits,
          slack: lists.capacity == 1 ? 2 * margin : nil
        ) { pairs in
          for pair in pairs {
            let (query, index) = (first + Int(pair.row), columns.lowerBound + Int(pair.column))
            let product = dot(
              dimension, all.data + query &* dimension, rows.data + index &* dimension)
            let score = product + (part.bias.map { $0[index] } ?? 0)
            lists.insert(query, UInt32(part.firstIndex + index), score)
          }
        }
        column = columns.upperBound
        step = min(2 * step, Self.columnsAtATime)
        let done = Double(first) + Double(block.count) * Double(column) / Double(rows.count)
        try progress.reached(done / Double(all.count))
      }
    }
  }
}

/// Vectors that queries are compared with.
struct SearchedPart {
  let rows: HostRows
  let largestLength: Float
  /// What is added to the dot product with each, or `nil`.
  var bias: UnsafePointer<Float>?
  var largestBias: Float = 0
  /// The index of the first of them in the result.
  var firstIndex = 0

  init(rows: HostRows, largestLength: Float) {
    self.rows = rows
    self.largestLength = largestLength
  }

  init(vectors: Vectors) {
    self.init(rows: vectors.rows, largestLength: vectors.largestLength)
  }
}
