import Support

/// A safetensors file, open for reading; its header is checked whole before anything is used.
///
/// Names are compared as Swift compares text: two spellings of one accented letter are one name.
/// Any thread may call.
/// Source: https://github.com/huggingface/safetensors#format
package final class SafetensorsFile: Sendable {
  /// The tensors in the order in which they lie in the file.
  package let tensors: [TensorInfo]
  /// The free text under `__metadata__`.
  package let metadata: [String: String]

  package var path: String { input.path }

  let input: FileInput
  /// Where the tensors' bytes begin.
  let dataOffset: Int
  private let places: [String: Int]

  /// Opens and checks a file; a header that breaks a rule of the format is refused.
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

  /// The tensor of a name, or nil.
  package subscript(name: String) -> TensorInfo? { places[name].map { tensors[$0] } }

  /// The tensor of a name; one that is missing is an error that says so.
  package func tensor(_ name: String) throws(FileError) -> TensorInfo {
    if let tensor = self[name] { return tensor }
    throw FileError(
      file: path, what: "has no tensor \(shown(name)) among its \(tensors.count)",
      remedy: "check that it was written for this architecture")
  }

  /// Reads the eight bytes in front; a length that cannot be is refused before it is allocated.
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
      remedy: "it is damaged or not a safetensors file; copy or write it anew")
  }
}
