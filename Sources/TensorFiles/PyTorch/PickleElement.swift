/// The type of a tensor's elements, by the names that PyTorch gives it.
struct PickleElement: Sendable, Equatable {
  /// The formats that can be read as float32.
  enum Format: Sendable { case float64, float32, float16, bfloat16 }

  /// The name of the data type, such as `float32`.
  let name: String
  /// The name of the class of typed storages, such as `FloatStorage`. `nil` if there is none.
  let storage: String?
  /// The size of an element in bytes.
  let size: Int
  /// How an element is read. `nil` if it is no real floating-point number, or of eight bits.
  let format: Format?

  private init(_ name: String, _ storage: String?, _ size: Int, _ format: Format? = nil) {
    (self.name, self.storage, self.size, self.format) = (name, storage, size, format)
  }

  /// Bytes without a type, whose tensors say their type themselves.
  static let untyped = PickleElement("uint8", "UntypedStorage", 1)

  /// Source: `torch.storage._dtype_to_storage_type_map` and `torch.storage._new_dtypes`.
  private static let all =
    [
      PickleElement("float64", "DoubleStorage", 8, .float64),
      PickleElement("float32", "FloatStorage", 4, .float32),
      PickleElement("float16", "HalfStorage", 2, .float16),
      PickleElement("bfloat16", "BFloat16Storage", 2, .bfloat16),
      PickleElement("int64", "LongStorage", 8), PickleElement("int32", "IntStorage", 4),
      PickleElement("int16", "ShortStorage", 2), PickleElement("int8", "CharStorage", 1),
      PickleElement("uint8", "ByteStorage", 1), PickleElement("bool", "BoolStorage", 1),
      PickleElement("complex128", "ComplexDoubleStorage", 16),
      PickleElement("complex64", "ComplexFloatStorage", 8),
      PickleElement("quint8", "QUInt8Storage", 1), PickleElement("qint8", "QInt8Storage", 1),
      PickleElement("qint32", "QInt32Storage", 4), PickleElement("quint4x2", "QUInt4x2Storage", 1),
      PickleElement("quint2x4", "QUInt2x4Storage", 1), PickleElement("complex32", nil, 4),
      PickleElement("uint16", nil, 2), PickleElement("uint32", nil, 4),
      PickleElement("uint64", nil, 8), PickleElement("bits8", nil, 1),
      PickleElement("bits16", nil, 2), PickleElement("bits1x8", nil, 1),
      PickleElement("bits2x4", nil, 1), PickleElement("bits4x2", nil, 1),
    ]
    + ["4_e2m1fn_x2", "8_e4m3fn", "8_e5m2", "8_e4m3fnuz", "8_e5m2fnuz", "8_e8m0fnu"].map {
      PickleElement("float\($0)", nil, 1)
    }
    + (1...7).flatMap { [PickleElement("int\($0)", nil, 1), PickleElement("uint\($0)", nil, 1)] }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
  private static let byStorage = Dictionary(
    uniqueKeysWithValues: (all + [untyped]).compactMap { element in
      element.storage.map { ($0, element) }
    })

  /// Returns the type of a name such as `float32`, or `nil`.
  static func named(_ name: String) -> PickleElement? { byName[name] }

  /// Returns the type of a storage's class such as `FloatStorage`, or `nil`.
  static func ofStorage(_ name: String) -> PickleElement? { byStorage[name] }

  /// Returns elements as float32, or `nil` if they are not of a type that can be read so.
  func floats(_ bytes: UnsafeRawBufferPointer) -> [Float]? {
    switch format {
    case .float32: Array(bytes.bindMemory(to: Float.self))
    case .float64: bytes.bindMemory(to: Double.self).map { Float($0) }
    case .float16: bytes.bindMemory(to: Float16.self).map { Float($0) }
    case .bfloat16:
      bytes.bindMemory(to: UInt16.self).map { Float(bitPattern: UInt32($0) << 16) }
    case nil: nil
    }
  }
}
