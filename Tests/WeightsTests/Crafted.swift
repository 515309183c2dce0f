import TestSupport

/// A zip archive that is assembled byte by byte and may be invalid.
struct CraftedZip {
  struct Entry {
    let name: String
    let bytes: [UInt8]
    var method: UInt16 = 0
    /// The size that the archive claims. If `nil`, the true size.
    var size: UInt32?
    /// Whether the entry refers to the bytes of the first one.
    var overlaps = false
  }

  var entries: [Entry]

  var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    var first: Int?
    for entry in entries {
      let place = entry.overlaps ? first ?? 0 : file.count
      first = first ?? place
      let size = entry.size ?? UInt32(entry.bytes.count)
      // The fields that local and central headers share: versions, flags, method, time, checksum,
      // sizes, name lengths.
      let common =
        little(UInt16(20)) + little(UInt16(0)) + little(entry.method) + little(UInt32(0x21_0000))
        + little(checksum(entry.bytes))
        + little(entry.method == 0 ? size : UInt32(entry.bytes.count))
        + little(size) + little(UInt16(entry.name.utf8.count)) + little(UInt16(0))
      if !entry.overlaps {
        file += little(UInt32(0x0403_4B50)) + common + Array(entry.name.utf8) + entry.bytes
      }
      directory +=
        little(UInt32(0x0201_4B50)) + little(UInt16(20)) + common + little(UInt16(0))
        + little(UInt16(0)) + little(UInt16(0)) + little(UInt32(0)) + little(UInt32(UInt32(place)))
        + Array(entry.name.utf8)
    }
    let count = little(UInt16(entries.count))
    return file + directory + little(UInt32(0x0605_4B50)) + little(UInt32(0)) + count + count
      + little(UInt32(directory.count)) + little(UInt32(file.count)) + little(UInt16(0))
  }

  /// An archive as `torch.save` writes it.
  static func checkpoint(pickle: [UInt8], _ storages: [[UInt8]] = []) -> CraftedZip {
    CraftedZip(
      entries: [Entry(name: "w/data.pkl", bytes: pickle)]
        + storages.enumerated().map { Entry(name: "w/data/\($0)", bytes: $1) })
  }
}

/// The CRC-32 that zip uses.
private func checksum(_ bytes: [UInt8]) -> UInt32 {
  var sum = ~UInt32(0)
  for byte in bytes {
    sum ^= UInt32(byte)
    for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
  }
  return ~sum
}

func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
  withUnsafeBytes(of: number.littleEndian) { Array($0) }
}

/// Pickles that are written by hand.
enum CraftedPickle {
  static func text(_ text: String) -> [UInt8] {
    [0x58] + little(UInt32(text.utf8.count)) + Array(text.utf8)
  }

  static func global(_ module: String, _ name: String) -> [UInt8] {
    Array("c\(module)\n\(name)\n".utf8)
  }

  static func number(_ number: Int) -> [UInt8] { [0x8A, 8] + little(Int64(number)) }

  static func tuple(_ numbers: [Int]) -> [UInt8] { [0x28] + numbers.flatMap(number) + [0x74] }

  /// A tensor of floats in storage `0`.
  static func tensor(
    _ shape: [Int], strides: [Int]? = nil, offset: Int = 0, stored: Int, key: String = "0"
  ) -> [UInt8] {
    var running: [Int] = []
    for extent in shape.reversed() { running.insert((running.first ?? 1) &* extent, at: 0) }
    let plain = Array(running.dropFirst()) + (shape.isEmpty ? [] : [1])
    return global("torch._utils", "_rebuild_tensor_v2") + [0x28, 0x28] + text("storage")
      + global("torch", "FloatStorage") + text(key) + text("cpu") + number(stored) + [0x74, 0x51]
      + number(offset) + tuple(shape) + tuple(strides ?? plain) + [0x89]
      + global("collections", "OrderedDict") + [0x29, 0x52, 0x74, 0x52]
  }

  /// `{name: value, …}`
  static func dictionary(_ pairs: [(String, [UInt8])]) -> [UInt8] {
    let values: [UInt8] = pairs.flatMap { text($0) + $1 }
    return [0x80, 2, 0x7D, 0x28] + values + [0x75, 0x2E]
  }
}
