import CPNG

/// The chunks of a PNG file, found as PIL finds them: their order and checksums do not matter.
struct PNGChunks {
  /// A chunk: its type, and as much of its data as the file has.
  struct Chunk {
    let type: UInt32
    let data: Slice<UnsafeBufferPointer<UInt8>>
    /// Whether the file has all of the data and the checksum.
    let isComplete: Bool
  }

  static let header = type("IHDR")
  static let palette = type("PLTE")
  static let pixels = type("IDAT")
  static let end = type("IEND")
  static let signature: [UInt8] = [0x89] + "PNG\r\n\u{1A}\n".utf8

  let bytes: UnsafeBufferPointer<UInt8>

  /// Returns the number that stands for the name of a type.
  static func type(_ name: String) -> UInt32 {
    name.utf8.reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// Calls `body` with each chunk up to the end chunk, the end of the file, or something that is
  /// not a chunk.
  func visit(_ body: (Chunk) -> Void) {
    var at = Self.signature.count
    while at + 8 <= bytes.count {
      let length = Int(number(at: at))
      let type = number(at: at + 4)
      guard type != Self.end, bytes[at + 4..<at + 8].allSatisfy(Self.isNameCharacter) else {
        return
      }
      let start = at + 8
      let end = min(start + length, bytes.count)
      body(
        Chunk(type: type, data: bytes[start..<end], isComplete: start + length + 4 <= bytes.count))
      at = start + length + 4
    }
  }

  /// Appends a chunk to the bytes of a file.
  static func append(_ type: UInt32, _ data: [UInt8], to file: inout [UInt8]) {
    func append(_ number: UInt32) {
      withUnsafeBytes(of: number.bigEndian) { file.append(contentsOf: $0) }
    }
    append(UInt32(data.count))
    let start = file.count
    append(type)
    file += data
    append(file.withUnsafeBufferPointer { dino_png_crc($0.baseAddress! + start, $0.count - start) })
  }

  private func number(at offset: Int) -> UInt32 {
    bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static func isNameCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
    default: false
    }
  }
}
