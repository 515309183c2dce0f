/// The kinds of elements that a tensor in a file may have, by the format's own names.
package enum ElementType: String, Sendable, CaseIterable {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int64 = "I64"
  case int32 = "I32"
  case uint8 = "U8"
  case bool = "BOOL"

  /// Bytes an element takes.
  package var size: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .float16, .bfloat16: 2
    case .uint8, .bool: 1
    }
  }
}

/// A tensor in a file: its name, its form and where it lies.
package struct TensorInfo: Sendable, Equatable {
  package let name: String
  package let type: ElementType
  /// Extents, the slowest first; none for a scalar.
  package let shape: [Int]
  /// Its bytes within the data that follows the header.
  package let bytes: Range<Int>

  /// How many elements it has.
  package var count: Int { bytes.count / type.size }

  /// Bytes of a tensor; nil where an `Int` does not hold them.
  static func byteCount(_ shape: [Int], _ type: ElementType) -> Int? {
    var count = type.size
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      count = product
    }
    return count
  }
}
