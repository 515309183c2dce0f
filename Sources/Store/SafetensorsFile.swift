import Support

/// A safetensors file that is open for reading. Its header is checked completely when it is opened.
///
/// Names are compared by Swift's canonical equivalence, so two Unicode spellings of one accented
/// letter are the same name. Any thread may call.
/// Source: https://github.com/huggingface/safetensors#format
package final class SafetensorsFile: Sendable {
  /// The tensors in the order of their bytes in the file.
  package let tensors: [TensorInfo]
  /// The texts under `__metadata__`.
  package let metadata: [String: String]

  /// The path that the file was opened by.
  package var path: String { input.path }

  let input: FileInput
  /// The offset in the file at which the tensors' bytes begin.
  let dataOffset: Int
  private let places: [String: Int]

  /// Opens a file and checks its header. Throws if the header violates the format.
  package init(path: String) throws(FileError) {
    let input = try FileInput(path: path)
    let length = try Self.headerLength(input)
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 8)
    defer { bytes.deallocate() }
    try input.read(at: 8, into: bytes)
    let header: SafetensorsHeader
    do throws(HeaderFault) {
      header = try SafetensorsHeader(
        parsing: UnsafeRawBufferPointer(bytes), dataSize: input.size - 8 - length)
    } catch {
      throw Self.refused(path, error.what)
    }
    self.input = input
    dataOffset = 8 + length
    tensors = header.tensors
    metadata = header.metadata
    places = Dictionary(
      uniqueKeysWithValues: header.tensors.enumerated().map { ($1.name, $0) })
  }

  /// The tensor of the given name, or `nil`.
  package subscript(name: String) -> TensorInfo? { places[name].map { tensors[$0] } }

  /// Returns the tensor of the given name. Throws if there is none.
  package func tensor(_ name: String) throws(FileError) -> TensorInfo {
    if let tensor = self[name] { return tensor }
    throw FileError(
      file: path, what: "has no tensor \(shown(name)) among its \(tensors.count)",
      remedy: "check that it was written for this architecture")
  }

  /// Reads the header's length from the first eight bytes. Throws before anything is allocated if
  /// the length is impossible.
  private static func headerLength(_ input: FileInput) throws(FileError) -> Int {
    guard input.size >= 8 else {
      throw refused(input.path, "has \(input.size) bytes, too few for a header")
    }
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 8, alignment: 8)
    defer { bytes.deallocate() }
    try input.read(at: 0, into: bytes)
    let length = UInt64(littleEndian: bytes.load(as: UInt64.self))
    guard length <= SafetensorsHeader.limit else {
      throw refused(
        input.path,
        "announces a header of \(length) bytes; at most \(SafetensorsHeader.limit) are allowed")
    }
    guard length <= input.size - 8 else {
      throw refused(
        input.path, "announces a header of \(length) bytes, but only \(input.size - 8) follow")
    }
    return Int(length)
  }

  private static func refused(_ path: String, _ what: String) -> FileError {
    FileError(
      file: path, what: what,
      remedy: "it is damaged or not a safetensors file; copy or write it again")
  }
}
