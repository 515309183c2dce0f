/// A run of 32-bit elements in a backend's memory.
///
/// It is a place, not a pointer: only the backend that owns the arena can reach what is there, so
/// model and objective are the same on any device.
package struct Buffer: Sendable, Equatable {
  /// Where it begins, in elements from the arena's start.
  package let offset: Int
  /// How many elements it has.
  package let count: Int

  package init(offset: Int, count: Int) {
    precondition(offset >= 0 && count >= 0)
    self.offset = offset
    self.count = count
  }

  /// A part of the buffer.
  package subscript(range: Range<Int>) -> Buffer {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    return Buffer(offset: offset + range.lowerBound, count: range.count)
  }

  /// The buffer, or its beginning, as a matrix.
  package func matrix(_ rows: Int, _ columns: Int) -> Matrix {
    Matrix(self[0..<rows * columns], rows: rows, columns: columns)
  }
}

/// A buffer of 32-bit floats read as `rows` × `columns`, rows one after the other.
package struct Matrix: Sendable, Equatable {
  package let buffer: Buffer
  package let rows: Int
  package let columns: Int

  package init(_ buffer: Buffer, rows: Int, columns: Int) {
    precondition(buffer.count == rows * columns)
    self.buffer = buffer
    self.rows = rows
    self.columns = columns
  }

  /// Some of the rows.
  package func rows(_ range: Range<Int>) -> Matrix {
    Matrix(
      buffer[range.lowerBound * columns..<range.upperBound * columns], rows: range.count,
      columns: columns)
  }

  /// The first rows.
  package func first(_ count: Int) -> Matrix { rows(0..<count) }
}

/// A buffer of 32-bit integers: row numbers, or a mask of zeros and ones.
package struct Indices: Sendable, Equatable {
  package let buffer: Buffer
  package var count: Int { buffer.count }

  package init(_ buffer: Buffer) { self.buffer = buffer }

  /// A part of them.
  package subscript(range: Range<Int>) -> Indices { Indices(buffer[range]) }
}
