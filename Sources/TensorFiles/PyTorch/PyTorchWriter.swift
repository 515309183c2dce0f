import CZip
import Store
import Support

/// Writes files that `torch.load` reads as a dictionary of tensors: an uncompressed zip archive
/// with a pickle and the tensors' bytes.
package enum PyTorchWriter {
  /// A tensor whose elements are a range of `values`.
  package struct Entry {
    let name: String
    let shape: [Int]
    let range: Range<Int>

    package init(name: String, shape: [Int], range: Range<Int>) {
      (self.name, self.shape, self.range) = (name, shape, range)
    }
  }

  private static let root = "model/"

  /// Writes float32 tensors to a new file. Throws if one exists at `path`.
  package static func write(_ entries: [Entry], of values: [Float], to path: String)
    throws(FileError)
  {
    let pickle = Array(PickleWriter.dictionary(entries))
    let small: [(String, [UInt8])] = [
      ("data.pkl", pickle), ("byteorder", Array("little".utf8)), ("version", Array("3\n".utf8)),
    ]
    let problem = values.withUnsafeBytes { memory -> String? in
      var code: Int32 = 0
      guard let archive = zip_open(path, ZIP_CREATE | ZIP_EXCL, &code) else {
        return "cannot be made"
      }
      // libzip reads the buffers only when it closes the archive.
      var copies: [UnsafeMutableRawBufferPointer] = []
      defer { for copy in copies { copy.deallocate() } }
      var isAdded = true
      for (name, bytes) in small {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        copy.copyBytes(from: bytes)
        copies.append(copy)
        isAdded = isAdded && add(root + name, UnsafeRawBufferPointer(copy), to: archive)
      }
      for (number, entry) in entries.enumerated() {
        let bytes = UnsafeRawBufferPointer(
          rebasing: memory[entry.range.lowerBound * 4..<entry.range.upperBound * 4])
        isAdded = isAdded && add("\(root)data/\(number)", bytes, to: archive)
      }
      guard isAdded, zip_close(archive) == 0 else {
        let reason = String(cString: zip_strerror(archive))
        zip_discard(archive)
        return "cannot be written: \(reason)"
      }
      return nil
    }
    if let problem {
      throw FileError(
        file: path, what: problem, remedy: "check the folder, and that the disk has room")
    }
    try FileSystem.flushFile(path)
  }

  private static func add(
    _ name: String, _ bytes: UnsafeRawBufferPointer, to archive: OpaquePointer
  ) -> Bool {
    guard
      let source = zip_source_buffer(archive, bytes.baseAddress, zip_uint64_t(bytes.count), 0)
    else { return false }
    let index = zip_file_add(archive, name, source, zip_flags_t(ZIP_FL_ENC_UTF_8))
    guard index >= 0 else {
      zip_source_free(source)
      return false
    }
    return zip_set_file_compression(archive, zip_uint64_t(index), ZIP_CM_STORE, 0) == 0
  }
}

/// Writes the pickle of an `OrderedDict` of tensors, in protocol 2.
private struct PickleWriter {
  private(set) var bytes: [UInt8] = [0x80, 2]

  static func dictionary(_ entries: [PyTorchWriter.Entry]) -> [UInt8] {
    var writer = PickleWriter()
    writer.emptyOrderedDict()
    writer.code("(")
    for (number, entry) in entries.enumerated() {
      writer.text(entry.name)
      writer.tensor(entry, key: String(number))
    }
    writer.code("u.")
    return writer.bytes
  }

  /// Writes `_rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks)`.
  private mutating func tensor(_ entry: PyTorchWriter.Entry, key: String) {
    global("torch._utils", "_rebuild_tensor_v2")
    code("((")
    text("storage")
    global("torch", "FloatStorage")
    text(key)
    text("cpu")
    number(entry.range.count)
    code("tQ")
    number(0)
    var strides = entry.shape
    var stride = 1
    for axis in entry.shape.indices.reversed() {
      strides[axis] = stride
      stride *= entry.shape[axis]
    }
    for numbers in [entry.shape, strides] {
      code("(")
      for number in numbers { self.number(number) }
      code("t")
    }
    bytes.append(0x89)
    emptyOrderedDict()
    code("tR")
  }

  private mutating func emptyOrderedDict() {
    global("collections", "OrderedDict")
    code(")R")
  }

  private mutating func code(_ opcodes: String) { bytes += opcodes.utf8 }

  private mutating func global(_ module: String, _ name: String) {
    code("c\(module)\n\(name)\n")
  }

  private mutating func text(_ text: String) {
    code("X")
    bytes += (0..<4).map { UInt8(truncatingIfNeeded: text.utf8.count >> (8 * $0)) }
    bytes += text.utf8
  }

  /// Writes an integer of eight bytes.
  private mutating func number(_ number: Int) {
    bytes += [0x8A, 8]
    bytes += (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}
