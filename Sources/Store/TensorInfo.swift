/// The element types of tensors in files. The raw values are the names in the safetensors format.
package enum ElementType: String, Sendable, CaseIterable {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int64 = "I64"
  case int32 = "I32"
  case uint8 = "U8"
  case bool = "BOOL"

  /// The size of an element in bytes.
  package var size: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .float16, .bfloat16: 2
    case .uint8, .bool: 1
    }
  }
}

/// The description of a tensor in a file.
package struct TensorInfo: Sendable, Equatable {
  /// The tensor's name and the type of its elements.
  package let name: String
  package let type: ElementType
  /// The extents, slowest-varying first. Empty for a scalar.
  package let shape: [Int]
  /// The range of the tensor's bytes in the data after the header.
  package let bytes: Range<Int>

  /// The number of elements.
  package var count: Int { bytes.count / type.size }

  /// Returns the number of bytes of a tensor, or `nil` if it overflows an `Int`.
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
