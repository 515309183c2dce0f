import Store
import Support

/// A file of `torch.save` (PyTorch 1.6 and later): a zip archive with a pickle and the tensors'
/// bytes. The pickle is interpreted safely: it can only build plain values, containers and tensors.
///
/// Nested dictionaries give names joined by dots: `teacher` → `backbone.cls_token` is
/// `teacher.backbone.cls_token`. Values that are not tensors are ignored.
final class PyTorchFile: TensorFile {
  let path: String
  let metadata: [String: String] = [:]
  private(set) var stored: [StoredTensor] = []
  private var tensors: [String: PickleTensor] = [:]
  private let archive: ZipArchive
  /// The folder in the archive, with a trailing slash.
  private let root: String

  /// The largest size of the pickle in bytes. A pickle of a few thousand tensors has some hundred
  /// kilobytes.
  private static let pickleLimit = 8 << 20
  /// The largest number of dictionary entries visited, however the dictionaries are nested.
  private static let mostValues = 1 << 20
  private static let deepest = 5

  init(path: String) throws(FileError) {
    self.path = path
    archive = try ZipArchive(path: path)
    let pickles = archive.entries.keys.filter {
      $0 == "data.pkl" || ($0.hasSuffix("/data.pkl") && $0.split(separator: "/").count == 2)
    }
    guard pickles.count == 1 else {
      throw damaged(path, "has \(pickles.count) pickles instead of one data.pkl")
    }
    root = String(pickles[0].dropLast("data.pkl".count))
    if archive.entries[root + "byteorder"] != nil {
      guard try archive.bytes(root + "byteorder", limit: 16) == Array("little".utf8) else {
        throw damaged(path, "was written on a big-endian machine")
      }
    }
    var reader = PickleReader(try archive.bytes(pickles[0], limit: Self.pickleLimit))
    do throws(PickleFault) {
      let value = try reader.run()
      var budget = Self.mostValues
      try enter(value, "", reader.containers, depth: 0, &budget)
    } catch {
      throw damaged(path, error.what)
    }
    for tensor in stored { try check(tensor.name) }
  }

  /// Collects the tensors of a dictionary and of the dictionaries in it.
  private func enter(
    _ value: PickleValue, _ name: String, _ containers: [PickleContainer], depth: Int,
    _ budget: inout Int
  ) throws(PickleFault) {
    switch value {
    case .tensor(let tensor):
      guard tensors.updateValue(tensor, forKey: name) == nil else {
        throw PickleFault("the name \(shown(name)) appears twice in it")
      }
      stored.append(StoredTensor(name: name, shape: tensor.shape))
    case .container(let number):
      guard case .dictionary(let pairs) = containers[number], depth < Self.deepest else { return }
      budget -= pairs.count
      guard budget >= 0 else { throw PickleFault("it has more names than weights can have") }
      for case (.text(let key), let value) in pairs {
        try enter(
          value, name.isEmpty ? key : name + "." + key, containers, depth: depth + 1, &budget)
      }
    default: break
    }
  }

  /// Checks that a tensor lies within its storage and that the archive holds the whole storage.
  private func check(_ name: String) throws(FileError) {
    let tensor = tensors[name]!
    let storage = tensor.storage
    let bytes = storage.count.multipliedReportingOverflow(by: storage.kind.size)
    guard let entry = archive.entries[root + "data/" + storage.key], !bytes.overflow,
      entry.size == bytes.partialValue
    else {
      throw damaged(path, "has no storage of \(storage.count) elements for tensor \(shown(name))")
    }
    guard let span = tensor.span, let count = tensor.count, tensor.offset >= 0,
      tensor.offset <= storage.count, span <= storage.count - tensor.offset,
      count <= storage.count
    else {
      throw damaged(path, "tensor \(shown(name)) reaches beyond its storage")
    }
  }

  func floats(_ name: String) throws(FileError) -> [Float] {
    guard let tensor = tensors[name], let span = tensor.span else {
      preconditionFailure("only names that are stored are asked for")
    }
    let kind = tensor.storage.kind
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: span * kind.size, alignment: 8)
    defer { bytes.deallocate() }
    try archive.read(
      root + "data/" + tensor.storage.key, at: tensor.offset * kind.size, into: bytes)
    guard let values = kind.floats(UnsafeRawBufferPointer(bytes)) else {
      throw FileError(
        file: path, what: "tensor \(shown(name)) is of \(kind.rawValue), not of floats",
        remedy: "check that it is the right file")
    }
    return tensor.isContiguous ? values : tensor.gathered(values)
  }
}

extension PickleStorage.Kind {
  /// Returns the elements as float32, or `nil` if they are not of a floating-point type.
  fileprivate func floats(_ bytes: UnsafeRawBufferPointer) -> [Float]? {
    switch self {
    case .float: Array(bytes.bindMemory(to: Float.self))
    case .double: bytes.bindMemory(to: Double.self).map { Float($0) }
    case .half: bytes.bindMemory(to: Float16.self).map { Float($0) }
    case .bfloat16:
      bytes.bindMemory(to: UInt16.self).map { Float(bitPattern: UInt32($0) << 16) }
    case .int64, .int32, .int16, .int8, .uint8, .bool: nil
    }
  }
}

extension PickleTensor {
  /// The number of elements, or `nil` if it overflows an `Int`.
  fileprivate var count: Int? {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      count = product
    }
    return count
  }

  /// The number of storage elements from the view's first to its last, or `nil` if it is invalid.
  fileprivate var span: Int? {
    guard shape.count == strides.count, let count else { return nil }
    var span = count == 0 ? 0 : 1
    for (extent, stride) in zip(shape, strides) where count > 0 {
      let (reach, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, carry) = span.addingReportingOverflow(reach)
      if overflow || carry { return nil }
      span = sum
    }
    return span
  }

  fileprivate var isContiguous: Bool {
    var expected = 1
    for (extent, stride) in zip(shape, strides).reversed() where extent != 1 {
      if stride != expected { return false }
      expected *= extent
    }
    return true
  }

  /// Returns the elements of `values`, which are laid out by the strides, in row-major order.
  fileprivate func gathered(_ values: [Float]) -> [Float] {
    var index = [Int](repeating: 0, count: shape.count)
    var place = 0
    return (0..<(count ?? 0)).map { _ in
      defer {
        var axis = shape.count - 1
        while axis >= 0 {
          index[axis] += 1
          place += strides[axis]
          if index[axis] < shape[axis] { break }
          place -= index[axis] * strides[axis]
          index[axis] = 0
          axis -= 1
        }
      }
      return values[place]
    }
  }
}
