import Store
import Support

/// A file of `torch.save`: pickles and the tensors' bytes, in a zip archive (PyTorch 1.6 and later)
/// or one after the other (before). The pickle is interpreted safely: it can only build plain
/// values, containers and tensors.
///
/// Nested dictionaries give names joined by dots: `teacher` → `backbone.cls_token` is
/// `teacher.backbone.cls_token`. Values that are not tensors are ignored.
package final class PyTorchFile: TensorFile {
  package let path: String
  package let metadata: [String: String] = [:]
  package private(set) var stored: [StoredTensor] = []
  package private(set) var unreadable: [String: String] = [:]
  private var tensors: [String: PickleTensor] = [:]
  private let storages: any StorageSource

  /// The largest size of the pickle in bytes. A pickle of a few thousand tensors has some hundred
  /// kilobytes.
  private static let pickleLimit = 8 << 20
  /// The largest number of dictionary entries visited, however the dictionaries are nested.
  private static let mostValues = 1 << 20
  private static let deepest = 5
  /// The most elements that the tensors of a file may have together: some, or four times the file's
  /// bytes. Tensors may repeat elements of their storages without end, so that reading them could
  /// take more memory than there is.
  private static func mostElements(_ size: Int) -> Int { max(1 << 24, 4 * size) }

  /// Opens a zip archive.
  package convenience init(path: String) throws(FileError) {
    let archive = try ZipArchive(path: path)
    let pickles = archive.entries.keys.filter {
      $0 == "data.pkl" || ($0.hasSuffix("/data.pkl") && $0.split(separator: "/").count == 2)
    }
    guard pickles.count <= 1 else {
      throw damaged(path, "has \(pickles.count) pickles instead of one data.pkl")
    }
    guard let root = pickles.first.map({ String($0.dropLast("data.pkl".count)) }),
      archive.entries[root + "constants.pkl"] == nil
    else { throw archive.notWeights }
    try archive.refuseCompressed(in: root)
    if archive.entries[root + "byteorder"] != nil {
      guard try archive.bytes(root + "byteorder", limit: 16) == Array("little".utf8) else {
        throw damaged(path, "was written on a big-endian machine")
      }
    }
    var reader = PickleReader(try archive.bytes(pickles[0], limit: Self.pickleLimit))
    let value = try reader.runToEnd(path)
    try self.init(
      path, value, reader.containers, ArchivedStorages(archive: archive, root: root))
  }

  /// Opens a file of the format before PyTorch 1.6.
  package convenience init(legacy path: String) throws(FileError) {
    let file = try LegacyFile(path: path, pickleLimit: Self.pickleLimit)
    try self.init(path, file.value, file.containers, file)
  }

  private init(
    _ path: String, _ value: PickleValue, _ containers: [PickleContainer],
    _ storages: any StorageSource
  ) throws(FileError) {
    self.path = path
    self.storages = storages
    do throws(PickleFault) {
      var budget = Self.mostValues
      try enter(value, "", containers, depth: 0, &budget)
    } catch {
      throw FileError(error, in: path)
    }
    var left = Self.mostElements(try FileInput(path: path).size)
    for tensor in stored { try check(tensor.name, &left) }
  }

  /// Collects the tensors of a dictionary and of the dictionaries in it.
  private func enter(
    _ value: PickleValue, _ name: String, _ containers: [PickleContainer], depth: Int,
    _ budget: inout Int
  ) throws(PickleFault) {
    switch value {
    case .tensor(let tensor):
      guard tensors.updateValue(tensor, forKey: name) == nil else {
        throw PickleFault("the name \(shown(name)) comes twice in it")
      }
      stored.append(StoredTensor(name: name, shape: tensor.shape))
    case .object(let object) where object != .other: unreadable[name] = object.rawValue
    case .container(let number):
      guard case .dictionary(let pairs) = containers[number], depth < Self.deepest else { return }
      budget -= pairs.count
      guard budget >= 0 else { throw PickleFault("it has more names than any weights") }
      for case (.text(let key), let value) in pairs {
        try enter(
          value, name.isEmpty ? key : name + "." + key, containers, depth: depth + 1, &budget)
      }
    default: break
    }
  }

  /// Checks that a tensor lies within its storage, that the file holds the whole storage, and that
  /// no more than `left` elements are to be read.
  private func check(_ name: String, _ left: inout Int) throws(FileError) {
    let tensor = tensors[name]!
    let storage = tensor.storage
    guard storages.size(storage.key) == storage.count * storage.element.size else {
      throw damaged(path, "has no storage of \(storage.count) elements for tensor \(shown(name))")
    }
    guard tensor.isWithinStorage, let count = tensor.count else {
      throw damaged(path, "tensor \(shown(name)) reaches beyond its storage")
    }
    guard count <= left else {
      throw damaged(
        path,
        "tensor \(shown(name)) has \(count) elements, which repeat those of its storage too often")
    }
    left -= count
  }

  package func floats(_ name: String) throws(FileError) -> [Float] {
    guard let tensor = tensors[name], let span = tensor.span else {
      preconditionFailure("only names that are stored are asked for")
    }
    let (storage, element) = (tensor.storage, tensor.element)
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: span * element.size, alignment: 8)
    defer { bytes.deallocate() }
    let start = storage.view.lowerBound * storage.element.size + tensor.offset * element.size
    try storages.read(storage.key, at: start, into: bytes)
    guard let values = element.floats(UnsafeRawBufferPointer(bytes)) else {
      throw FileError(
        file: path, what: "tensor \(shown(name)) is of \(element.name), not of floats",
        remedy: "check that it is what is expected here")
    }
    let ordered = tensor.isContiguous ? values : tensor.gathered(values)
    return tensor.isNegated ? ordered.map { -$0 } : ordered
  }
}
