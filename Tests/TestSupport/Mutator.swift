/// Makes damaged versions of files. Each depends on the seed, the files and its number alone, so
/// any of them can be made again.
package struct Mutator {
  /// What the files hold, which decides how they are damaged.
  package enum Content: Sendable {
    case bytes
    /// Values between separators, as in JSON, YAML, CSV or a theme.
    case text
  }

  private let seed: UInt64
  /// The sound files.
  let files: [[UInt8]]
  private let content: Content
  private var state: UInt64 = 1

  /// Creates a mutator of sound files, which are damaged in turn.
  package init(seed: UInt64, _ files: [[UInt8]], as content: Content = .bytes) {
    precondition(!files.isEmpty)
    self.seed = seed
    self.files = files
    self.content = content
  }

  /// Returns the damaged version with a number: one to four changes of bytes or, of texts, mostly a
  /// single change of a value.
  package mutating func version(_ number: Int) -> [UInt8] {
    state = Self.mixed(seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(number)) | 1
    var bytes = files[number % files.count]
    let isText = content == .text
    for _ in 0...(isText && below(3) > 0 ? 0 : below(4)) {
      if isText && below(8) > 0 { changeValue(&bytes) } else { change(&bytes) }
    }
    return bytes
  }

  /// Flips or replaces bytes, cuts a piece out or off, or puts a piece of any file there.
  private mutating func change(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    let place = below(bytes.count)
    switch below(16) {
    case 0..<5: bytes[place] ^= 1 << below(8)
    case 5..<9: bytes[place] = UInt8(below(256))
    case 9: bytes[place] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF][below(6)]
    case 10, 11: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(16)))
    case 12: bytes.insert(contentsOf: piece(of: bytes), at: place)
    case 13: bytes.insert(contentsOf: piece(of: files[below(files.count)]), at: place)
    case 14:
      let piece = piece(of: files[below(files.count)])
      bytes.replaceSubrange(place..<min(bytes.count, place + piece.count), with: piece)
    default: bytes.removeSubrange(place...)
    }
  }

  private mutating func piece(of bytes: [UInt8]) -> ArraySlice<UInt8> {
    guard !bytes.isEmpty else { return [] }
    return bytes.dropFirst(below(bytes.count)).prefix(1 + below(64))
  }

  /// Returns a number from 0 to `bound` − 1. Marsaglia's xorshift.
  mutating func below(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int((state >> 11) % UInt64(bound))
  }

  /// Spreads numbers that follow each other over all 64 bits. Steele's SplitMix64.
  private static func mixed(_ number: UInt64) -> UInt64 {
    var bits = number
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}
