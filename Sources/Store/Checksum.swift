import CXXHash

/// An incremental XXH3-128 checksum. It detects damage, not manipulation.
///
/// Its text is `xxh3-128:` and the 32 hexadecimal digits that `xxhsum -H2` prints.
package struct Checksum: ~Copyable {
  private let state: OpaquePointer

  package init() {
    state = XXH3_createState()
    XXH3_128bits_reset(state)
  }

  deinit { XXH3_freeState(state) }

  /// Adds bytes to the checksum.
  package func update(_ bytes: UnsafeRawBufferPointer) {
    XXH3_128bits_update(state, bytes.baseAddress, bytes.count)
  }

  /// The checksum of the bytes added so far.
  package var text: String { Self.text(XXH3_128bits_digest(state)) }

  /// Returns the checksum of a text in UTF-8.
  package static func text(of string: String) -> String {
    var string = string
    return string.withUTF8 { text(XXH3_128bits($0.baseAddress, $0.count)) }
  }

  /// Returns the checksum of some bytes.
  package static func text(of bytes: UnsafeRawBufferPointer) -> String {
    text(XXH3_128bits(bytes.baseAddress, bytes.count))
  }

  /// Returns the 16 bytes of the checksum of some bytes, the most significant first.
  package static func digest(of bytes: [UInt8]) -> [UInt8] {
    let hash = bytes.withUnsafeBytes { XXH3_128bits($0.baseAddress, $0.count) }
    return [hash.high64, hash.low64].flatMap { word in
      withUnsafeBytes(of: word.bigEndian) { Array($0) }
    }
  }

  private static func text(_ hash: XXH128_hash_t) -> String {
    "xxh3-128:" + hex(hash.high64) + hex(hash.low64)
  }

  private static func hex(_ word: UInt64) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
