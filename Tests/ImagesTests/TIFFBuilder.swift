/// Builds TIFF files of one directory, little-endian.
enum TIFFBuilder {
  /// Returns a file whose header, eight bytes long, is followed by pixels and then by a directory
  /// of (tag, type, value) entries, each with one value.
  static func file(
    _ entries: [(tag: Int, type: Int, value: Int)], pixels: [UInt8] = [0], next: Int = 0
  ) -> [UInt8] {
    func number(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
    let padded = pixels + [UInt8](repeating: 0, count: pixels.count & 1)
    var bytes = Array("II*\0".utf8) + number(8 + padded.count, 4) + padded
    bytes += number(entries.count, 2)
    for entry in entries.sorted(by: { $0.tag < $1.tag }) {
      bytes += number(entry.tag, 2) + number(entry.type, 2) + number(1, 4) + number(entry.value, 4)
    }
    return bytes + number(next, 4)
  }

  /// Returns a grey file of 4 × 2 pixels, of which some entries are others.
  static func grey(
    pixels: [UInt8] = Array(1...8), next: Int = 0, _ changes: [Int: Int] = [:]
  ) -> [UInt8] {
    var entries = [
      256: 4, 257: 2, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 2, 279: 8,
    ]
    entries.merge(changes) { $1 }
    return file(entries.map { ($0.key, 4, $0.value) }, pixels: pixels, next: next)
  }
}
