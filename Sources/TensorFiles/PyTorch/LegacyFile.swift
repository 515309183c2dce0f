import Store
import Support

/// A file of `torch.save` before PyTorch 1.6: pickles one after the other (a magic number, the
/// version, the machine, the object, the keys of its storages), then the storages in the keys'
/// order, each as the number of its elements and its bytes.
///
/// Source: `torch.serialization._legacy_save`.
struct LegacyFile: StorageSource {
  /// The pickle of the magic number 0x1950a86a20f9469cfc6c.
  static let magic: [UInt8] =
    [0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
  private static let version = 1001

  /// The result of the object's pickle.
  let value: PickleValue
  let containers: [PickleContainer]
  private let input: FileInput
  private var places: [String: Range<Int>] = [:]

  /// Reads the pickles of a file that begins with `magic`.
  init(path: String, pickleLimit: Int) throws(FileError) {
    input = try FileInput(path: path)
    var position = Self.magic.count
    let version = try Self.pickle(input, at: &position, limit: pickleLimit)
    guard case .int(Self.version) = version.result else {
      throw damaged(path, "is of a version of torch.save's old format other than \(Self.version)")
    }
    let machine = try Self.pickle(input, at: &position, limit: pickleLimit)
    guard machine.isLittleEndian else {
      throw damaged(path, "was written on a big-endian machine")
    }
    let object = try Self.pickle(input, at: &position, limit: pickleLimit)
    let keys = try Self.pickle(input, at: &position, limit: pickleLimit)
    value = object.result
    containers = object.containers
    for key in keys.listedTexts {
      guard let storage = object.storages[key], places[key] == nil else {
        throw damaged(path, "lists the storage \(shown(key)), which no tensor has, or twice")
      }
      let bytes = storage.count * storage.element.size
      guard input.size - position >= 8, try count(at: position) == storage.count,
        input.size - position - 8 >= bytes
      else {
        throw damaged(path, "has no storage \(shown(key)) of \(storage.count) elements")
      }
      places[key] = position + 8..<position + 8 + bytes
      position += 8 + bytes
    }
  }

  /// Runs the pickle at a position, and moves the position to its end.
  private static func pickle(
    _ input: FileInput, at position: inout Int, limit: Int
  ) throws(FileError) -> PickleReader {
    var bytes = [UInt8](repeating: 0, count: min(limit, input.size - position))
    try bytes.withUnsafeMutableBufferPointer { [position] (target) throws(FileError) in
      try input.read(at: position, into: UnsafeMutableRawBufferPointer(target))
    }
    var reader = PickleReader(bytes)
    try reader.runToEnd(input.path)
    position += reader.position
    return reader
  }

  /// Reads the number of elements before a storage.
  private func count(at position: Int) throws(FileError) -> Int {
    var bytes = [UInt8](repeating: 0, count: 8)
    try bytes.withUnsafeMutableBufferPointer { (target) throws(FileError) in
      try input.read(at: position, into: UnsafeMutableRawBufferPointer(target))
    }
    return bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  func size(_ key: String) -> Int? { places[key]?.count }

  func read(
    _ key: String, at offset: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(FileError) {
    guard let place = places[key] else { preconditionFailure("no storage \(key)") }
    precondition(offset >= 0 && target.count <= place.count - offset)
    try input.read(at: place.lowerBound + offset, into: target)
  }
}

extension PickleReader {
  /// The value of a pickle that was run to its end.
  fileprivate var result: PickleValue { stack[0] }

  /// The texts of a list that is the pickle's value.
  fileprivate var listedTexts: [String] {
    guard case .container(let number) = result, case .list(let items) = containers[number] else {
      return []
    }
    return items.compactMap { if case .text(let text) = $0 { text } else { nil } }
  }

  /// Whether a dictionary of facts about a machine says that it puts the low byte first, as it does
  /// where it says nothing.
  fileprivate var isLittleEndian: Bool {
    guard case .container(let number) = result, case .dictionary(let facts) = containers[number]
    else { return true }
    for case (.text("little_endian"), .bool(let isLittle)) in facts { return isLittle }
    return true
  }

  /// Runs the pickle. Throws the error of the file that it lies in.
  @discardableResult
  mutating func runToEnd(_ path: String) throws(FileError) -> PickleValue {
    do throws(PickleFault) {
      return try run()
    } catch {
      throw FileError(error, in: path)
    }
  }
}

extension FileError {
  /// The error of a pickle in a file.
  init(_ fault: PickleFault, in path: String) {
    self =
      fault.remedy.map { FileError(file: path, what: fault.what, remedy: $0) }
      ?? damaged(path, fault.what)
  }
}
