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
  package func matrix(_ rows: Int, _ columns: Int, _ element: Element = .fp32) -> Matrix {
    Matrix(
      self[0..<rows * element.slots(columns)], rows: rows, columns: columns, element: element)
  }
}

/// What a matrix holds. Two bfloat16, of one row, share an element of a buffer.
package enum Element: String, Sendable, Equatable {
  case fp32, bf16

  /// Elements of a buffer that so many of them take.
  package func slots(_ count: Int) -> Int { self == .fp32 ? count : (count + 1) / 2 }
}

/// A buffer read as `rows` × `columns`, rows one after the other: 32-bit floats, or, where products
/// alone read it and round what they read, bfloat16.
package struct Matrix: Sendable, Equatable {
  package let buffer: Buffer
  package let rows: Int
  package let columns: Int
  package let element: Element

  /// bfloat16 only with an even number of columns.
  package init(_ buffer: Buffer, rows: Int, columns: Int, element: Element = .fp32) {
    precondition(buffer.count == rows * element.slots(columns))
    precondition(element == .fp32 || columns % 2 == 0)
    self.buffer = buffer
    self.rows = rows
    self.columns = columns
    self.element = element
  }

  /// Some of the rows.
  package func rows(_ range: Range<Int>) -> Matrix {
    let length = element.slots(columns)
    return Matrix(
      buffer[range.lowerBound * length..<range.upperBound * length], rows: range.count,
      columns: columns, element: element)
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
