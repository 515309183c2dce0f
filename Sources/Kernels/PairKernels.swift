/// Comparison of many vectors in the host's memory by the products of all pairs, none of which is
/// stored.
///
/// A product is only a filter: it may be computed in less than fp32, and `scanError` bounds its
/// error. Whoever needs the score of a pair computes it from the vectors. All calls come from one
/// thread and wait for their results.
package protocol PairKernels: AnyObject {
  /// The bound of a scanned product's error, relative to the product of both vectors' lengths. The
  /// vectors have `width` elements.
  func scanError(width: Int) -> Float

  /// Prepares vectors for several scans: rounds them if products are computed in less than fp32.
  func prepare(_ rows: HostRows) -> PreparedRows

  /// Computes row · column + bias[column] for all rows and columns, and finds the pairs whose score
  /// is above the row's limit.
  ///
  /// - Parameters:
  ///   - range: the rows of `rows` that are compared.
  ///   - bias: one for each column, or `nil` for none.
  ///   - limits: one for each row of the range.
  ///   - slack: if not `nil`, only the best of a row are wanted: a pair that lies more than this
  ///     below another of its row may be passed over.
  ///   - found: called on any of the backend's threads, also on several at once, with pairs of one
  ///     part of the scan. A part's pairs are sorted by row, then by column.
  func scan(
    _ rows: PreparedRows, _ range: Range<Int>, _ columns: HostRows,
    bias: UnsafePointer<Float>?, limits: UnsafePointer<Float>, slack: Float?,
    found: (UnsafeBufferPointer<FoundPair>) -> Void)
}

/// A pair that a scan found.
package struct FoundPair: Sendable, Equatable {
  /// The row, counted from the beginning of the range that was scanned.
  package let row: UInt32
  package let column: UInt32
  /// The score as scanned.
  package let score: Float

  package init(row: UInt32, column: UInt32, score: Float) {
    self.row = row
    self.column = column
    self.score = score
  }
}

/// Vectors of fp32 in the host's memory, one after the other. Valid as long as that memory.
package struct HostRows: @unchecked Sendable {
  package let data: UnsafePointer<Float>
  package let count: Int
  /// The elements of a vector.
  package let width: Int

  package init(_ data: UnsafePointer<Float>, count: Int, width: Int) {
    self.data = data
    self.count = count
    self.width = width
  }

  /// Returns some of the vectors, in the same memory.
  package func rows(_ range: Range<Int>) -> HostRows {
    HostRows(data + range.lowerBound * width, count: range.count, width: width)
  }
}

/// Vectors as `PairKernels.prepare` made them; made and read by a backend alone.
package final class PreparedRows {
  /// The vectors as they were given; their memory has to outlive this object.
  package let rows: HostRows
  /// The rounded vectors, `stride` elements of 32 bits apart; `nil` if they are read as given.
  package let rounded: UnsafeMutablePointer<Float>?
  package let stride: Int

  /// Reserves memory for rounded vectors, or none if the stride is 0.
  package init(_ rows: HostRows, stride: Int) {
    self.rows = rows
    self.stride = stride
    rounded =
      stride == 0
      ? nil
      : UnsafeMutableRawPointer.allocate(byteCount: max(1, rows.count * stride) * 4, alignment: 64)
        .bindMemory(to: Float.self, capacity: max(1, rows.count * stride))
  }

  deinit { rounded?.deallocate() }
}
