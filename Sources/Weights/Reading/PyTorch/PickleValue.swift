import Store

/// A value in a pickle: plain data, a container or a tensor. None can execute anything.
enum PickleValue: Sendable {
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  case text(String)
  /// The index of a container. Containers may contain one another, even in cycles.
  case container(Int)
  case global(PickleGlobal)
  case storage(PickleStorage)
  case tensor(PickleTensor)
}

/// The contents of a container.
enum PickleContainer: Sendable {
  case tuple([PickleValue])
  case list([PickleValue])
  case dictionary([(key: PickleValue, value: PickleValue)])
}

/// The Python names that are understood. A pickle that uses any other is rejected.
enum PickleGlobal: Sendable {
  case orderedDict, size, rebuildTensor, rebuildParameter
  case storage(PickleStorage.Kind)

  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDict
    case ("torch", "Size"): self = .size
    case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
    case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
    case ("torch", _):
      guard let kind = PickleStorage.Kind(rawValue: name) else { return nil }
      self = .storage(kind)
    default: return nil
    }
  }
}

/// The storage of a tensor's elements: an entry of the archive.
struct PickleStorage: Sendable {
  /// The element type of a storage, by PyTorch's name.
  enum Kind: String, Sendable {
    case double = "DoubleStorage"
    case float = "FloatStorage"
    case half = "HalfStorage"
    case bfloat16 = "BFloat16Storage"
    case int64 = "LongStorage"
    case int32 = "IntStorage"
    case int16 = "ShortStorage"
    case int8 = "CharStorage"
    case uint8 = "ByteStorage"
    case bool = "BoolStorage"

    /// The size of an element in bytes.
    var size: Int {
      switch self {
      case .double, .int64: 8
      case .float, .int32: 4
      case .half, .bfloat16, .int16: 2
      case .int8, .uint8, .bool: 1
      }
    }
  }

  let kind: Kind
  let key: String
  let count: Int
}

/// A view of a storage.
struct PickleTensor: Sendable {
  let storage: PickleStorage
  /// The index of the first element in the storage. Strides are in elements too.
  let offset: Int
  let shape: [Int]
  let strides: [Int]
}
