import Store
import Support

/// Opens files of tensors in any supported format.
enum TensorFiles {
  /// Opens a file of tensors. The format is detected from the first bytes, not from the name.
  static func open(_ path: String) throws(FileError) -> any TensorFile {
    let input = try FileInput(path: path)
    guard input.size > 0 else {
      throw FileError(file: path, what: "is empty", remedy: "copy or download it again")
    }
    var start = [UInt8](repeating: 0, count: min(input.size, 4))
    try start.withUnsafeMutableBufferPointer { (target) throws(FileError) in
      try input.read(at: 0, into: UnsafeMutableRawBufferPointer(target))
    }
    switch start {
    case zipMagic: return try PyTorchFile(path: path)
    case oldMagic:
      throw FileError(
        file: path, what: "is in the format that torch.save had before PyTorch 1.6",
        remedy: "load it and save it again with torch.save")
    default: return try SafetensorsFile(path: path)
    }
  }

  private static let zipMagic: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
  /// The start of a protocol 2 pickle whose first value is a number of ten bytes.
  private static let oldMagic: [UInt8] = [0x80, 0x02, 0x8A, 0x0A]
}
