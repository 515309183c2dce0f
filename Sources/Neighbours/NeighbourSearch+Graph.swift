import Kernels

extension NeighbourSearch {
  /// Returns, for each vector, the others whose dot product with it is above the threshold: the
  /// `k` strongest if there are more. Each pair is compared once.
  package func graph(
    _ vectors: Vectors, above threshold: Float, k: Int = 64,
    progress: @escaping ProgressReport = { _ in true }
  ) throws(NeighbourError) -> NeighbourLists {
    let lists = GrowingLists(
      count: vectors.count, capacity: max(1, min(k, vectors.count - 1)), above: threshold)
    let margin = margin(vectors.dimension, vectors.largestLength, vectors.largestLength)
    let comparison = SelfComparison(
      search: self, vectors: vectors, lists: lists, margin: margin)
    let total = Double(vectors.count) * Double(vectors.count) / 2
    var done = 0.0
    for first in stride(from: 0, to: vectors.count, by: Self.rowsAtATime) {
      let rows = first..<min(vectors.count, first + Self.rowsAtATime)
      let prepared = kernels.prepare(vectors.rows.rows(rows))
      for start in stride(from: first, to: vectors.count, by: Self.columnsAtATime) {
        let columns = start..<min(vectors.count, start + Self.columnsAtATime)
        // Pairs of one block are compared from the smaller index on.
        let above = first..<min(rows.upperBound, columns.upperBound)
        comparison.compare(prepared, above, columns)
        done += Double(above.count) * Double(columns.count)
        if !progress(min(1, done / total)) { throw .cancelled }
      }
    }
    return lists.finished()
  }
}

/// The comparison of vectors with each other, block by block.
private final class SelfComparison {
  private let search: NeighbourSearch
  private let vectors: Vectors
  private let lists: GrowingLists
  private let margin: Float
  /// What a scanned score has to be above for each row and each column of a block, and for a row
  /// together with any of the columns.
  private let ofRows: UnsafeMutablePointer<Float>
  private let ofColumns: UnsafeMutablePointer<Float>
  private let limits: UnsafeMutablePointer<Float>

  init(search: NeighbourSearch, vectors: Vectors, lists: GrowingLists, margin: Float) {
    self.search = search
    self.vectors = vectors
    self.lists = lists
    self.margin = margin
    ofRows = .allocate(capacity: NeighbourSearch.rowsAtATime)
    ofColumns = .allocate(capacity: NeighbourSearch.columnsAtATime)
    limits = .allocate(capacity: NeighbourSearch.rowsAtATime)
  }

  deinit {
    ofRows.deallocate()
    ofColumns.deallocate()
    limits.deallocate()
  }

  /// Compares `rows`, the first of those prepared, with `columns`.
  func compare(_ prepared: PreparedRows, _ rows: Range<Int>, _ columns: Range<Int>) {
    _ = lists.limits(rows, less: margin, into: ofRows)
    let lowest = lists.limits(columns, less: margin, into: ofColumns)
    for row in 0..<rows.count { limits[row] = min(ofRows[row], lowest) }
    let (first, start, overlap) = (rows.lowerBound, columns.lowerBound, rows.overlaps(columns))
    let (vectors, lists, ofRows, ofColumns) = (vectors, lists, ofRows, ofColumns)
    search.kernels.scan(
      prepared, 0..<rows.count, vectors.rows.rows(columns), bias: nil, limits: limits, slack: nil
    ) { pairs in
      for pair in pairs {
        let (row, column) = (Int(pair.row), Int(pair.column))
        let (i, j) = (first &+ row, start &+ column)
        // Each pair once.
        if overlap && i >= j { continue }
        guard pair.score > ofRows[row] || pair.score > ofColumns[column] else { continue }
        let score = vectors.score(i, j)
        lists.insert(i, UInt32(j), score)
        lists.insert(j, UInt32(i), score)
      }
    }
  }
}
