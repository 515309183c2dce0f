import CZlib

/// Decompresses gzip, zlib or bare deflate, piece by piece, with constant memory.
final class Inflater {
  /// What a piece of work ended with.
  enum State { case goesOn, ended, damaged }

  private var stream = z_stream()
  /// The bytes taken and given so far.
  private(set) var taken = 0
  private(set) var given = 0

  /// - Parameter bits: The format as zlib numbers them: 31 for gzip, 15 for zlib, -15 for deflate.
  init(bits: Int32) {
    precondition(dino_inflate_init(&stream, bits) == Z_OK)
  }

  deinit { inflateEnd(&stream) }

  /// Begins anew with another stream of the same format.
  func reset() {
    inflateReset(&stream)
    (taken, given) = (0, 0)
  }

  /// Decompresses from `input` to `output`, until one of them is used up or the stream ends.
  func run(
    _ input: UnsafeRawBufferPointer, to output: UnsafeMutableRawBufferPointer
  ) -> (taken: Int, given: Int, state: State) {
    stream.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.avail_in = UInt32(clamping: input.count)
    stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.avail_out = UInt32(clamping: output.count)
    let (before, room) = (Int(stream.avail_in), Int(stream.avail_out))
    let code = inflate(&stream, Z_NO_FLUSH)
    let used = before - Int(stream.avail_in)
    let made = room - Int(stream.avail_out)
    taken += used
    given += made
    switch code {
    case Z_STREAM_END: return (used, made, .ended)
    // No progress is not an error: there was no input, or no room.
    case Z_OK, Z_BUF_ERROR: return (used, made, .goesOn)
    default: return (used, made, .damaged)
    }
  }

  /// Decompresses a whole text: at most `limit` bytes of it. What comes before damage or before the
  /// end of a shortened text counts.
  static func whole(_ bytes: ArraySlice<UInt8>, bits: Int32, limit: Int) -> [UInt8] {
    let inflater = Inflater(bits: bits)
    var result: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: min(limit, 64 << 10))
    bytes.withUnsafeBytes { input in
      var place = 0
      while result.count < limit {
        let (taken, given, state) = piece.withUnsafeMutableBytes {
          inflater.run(UnsafeRawBufferPointer(rebasing: input[place...]), to: $0)
        }
        place += taken
        result += piece[..<min(given, limit - result.count)]
        guard state == .goesOn, taken > 0 || given > 0 else { break }
      }
    }
    return result
  }
}
