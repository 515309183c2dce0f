/// A run of 32-bit elements in a backend's memory.
///
/// A buffer is a region of the arena, not a pointer: only the backend that owns the arena can reach
/// its elements, so model and objective are the same on any device.
package struct Buffer: Sendable, Equatable {
  /// Its first element, counted from the arena's start.
  package let offset: Int
  /// The number of its elements.
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
  package func matrix(_ rows: Int, _ columns: Int, _ element: Element = .fp32) -> Matrix {
    Matrix(
      self[0..<rows * element.slots(columns)], rows: rows, columns: columns, element: element)
  }
}

/// The type of a matrix's elements. Two neighbouring bfloat16 of a row share one 32-bit element of the
/// buffer.
package enum Element: String, Sendable, Equatable {
  case fp32, bf16

  /// The 32-bit elements of a buffer that `count` elements of a row take.
  package func slots(_ count: Int) -> Int { self == .fp32 ? count : (count + 1) / 2 }
}

/// A buffer read as `rows` × `columns`, row after row.
///
/// Elements are fp32, or bfloat16 where only matrix products read them, which round their factors to it
/// anyway.
package struct Matrix: Sendable, Equatable {
  package let buffer: Buffer
  package let rows: Int
  package let columns: Int
  package let element: Element

  /// A matrix over a buffer of its size; a matrix of bfloat16 has an even number of columns.
  package init(_ buffer: Buffer, rows: Int, columns: Int, element: Element = .fp32) {
    precondition(buffer.count == rows * element.slots(columns))
    precondition(element == .fp32 || columns % 2 == 0)
    self.buffer = buffer
    self.rows = rows
    self.columns = columns
    self.element = element
  }

  /// A range of rows, as a matrix over the same memory.
  package func rows(_ range: Range<Int>) -> Matrix {
    let length = element.slots(columns)
    return Matrix(
      buffer[range.lowerBound * length..<range.upperBound * length], rows: range.count,
      columns: columns, element: element)
  }

  /// The first `count` rows.
  package func first(_ count: Int) -> Matrix { rows(0..<count) }
}

/// A buffer of 32-bit integers: row numbers, or a mask of zeros and ones.
package struct Indices: Sendable, Equatable {
  package let buffer: Buffer
  package var count: Int { buffer.count }

  package init(_ buffer: Buffer) { self.buffer = buffer }

  /// A part of the indices.
  package subscript(range: Range<Int>) -> Indices { Indices(buffer[range]) }
}
