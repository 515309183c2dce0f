import Foundation

/// Makes damaged versions of a file. The same seed makes the same ones in the same order.
package struct Mutator {
  /// The number of damaged versions that a test makes of each file: the environment variable
  /// `DINO_MUTATIONS`, or 1000.
  package static let count =
    ProcessInfo.processInfo.environment["DINO_MUTATIONS"].flatMap(Int.init) ?? 1000

  private var state: UInt64
  /// The last files that were given, from which pieces are taken.
  private var earlier: [[UInt8]] = []

  /// Creates a mutator whose changes depend on the seed and the files alone.
  package init(seed: UInt64) { state = seed &+ 0x9E37_79B9_7F4A_7C15 }

  /// Returns the bytes with one to four changes: bytes flipped or replaced, a piece cut out or put
  /// elsewhere, a piece of this or of an earlier file inserted, or the end cut off.
  package mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
    if earlier.last != bytes { earlier = earlier.suffix(7) + [bytes] }
    var result = bytes
    for _ in 0...below(4) { change(&result) }
    return result
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    let place = below(bytes.count)
    switch below(16) {
    case 0..<5: bytes[place] ^= 1 << below(8)
    case 5..<9: bytes[place] = UInt8(below(256))
    case 9: bytes[place] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF][below(6)]
    case 10, 11: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(16)))
    case 12: bytes.insert(contentsOf: piece(of: bytes), at: place)
    case 13: bytes.insert(contentsOf: piece(of: earlier[below(earlier.count)]), at: place)
    case 14:
      let piece = piece(of: earlier[below(earlier.count)])
      bytes.replaceSubrange(place..<min(bytes.count, place + piece.count), with: piece)
    default: bytes.removeSubrange(place...)
    }
  }

  private mutating func piece(of bytes: [UInt8]) -> ArraySlice<UInt8> {
    guard !bytes.isEmpty else { return [] }
    return bytes.dropFirst(below(bytes.count)).prefix(1 + below(64))
  }

  /// Returns a number from 0 to `bound` − 1. Marsaglia's xorshift.
  private mutating func below(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int((state >> 11) % UInt64(bound))
  }
}
