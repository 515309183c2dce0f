import CZlib
import FoundationEssentials

/// Compresses what is sent over a network, with zlib.
enum Deflate {
  /// The name on the wire.
  static let name = "deflate"
  /// The most bytes that something received may have when it is decompressed.
  private static let limit = 64 << 20

  /// Returns bytes compressed, fast rather than small.
  static func compress(_ bytes: Data) -> Data {
    var size = compressBound(UInt(bytes.count))
    var result = Data(count: Int(size))
    let code = result.withUnsafeMutableBytes { target in
      bytes.withUnsafeBytes { source in
        compress2(
          target.baseAddress?.assumingMemoryBound(to: UInt8.self), &size,
          source.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt(bytes.count), 1)
      }
    }
    precondition(code == Z_OK, "zlib could not compress: \(code)")
    return result.prefix(Int(size))
  }

  /// Returns what was compressed from so many bytes. Throws `malformed` if that is not so.
  static func decompress(_ bytes: Data, size: Int) throws(WireError) -> Data {
    guard (0...limit).contains(size) else { throw .malformed("\(size) bytes in one message") }
    var count = UInt(size)
    var result = Data(count: size)
    let code = result.withUnsafeMutableBytes { target in
      bytes.withUnsafeBytes { source in
        uncompress(
          target.baseAddress?.assumingMemoryBound(to: UInt8.self), &count,
          source.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt(bytes.count))
      }
    }
    guard code == Z_OK, count == UInt(size) else { throw .malformed("damaged compressed data") }
    return result
  }

  /// Returns numbers of eight bytes with all their first bytes first, then all second ones, and so on.
  /// Neighbouring numbers have similar bytes, so the result compresses to far less.
  static func shuffled(_ bytes: Data) -> Data {
    reordered(bytes) { count, number, byte in (byte * count + number, number * 8 + byte) }
  }

  /// Returns what was given to `shuffled`.
  static func unshuffled(_ bytes: Data) -> Data {
    reordered(bytes) { count, number, byte in (number * 8 + byte, byte * count + number) }
  }

  private static func reordered(
    _ bytes: Data, _ places: (_ count: Int, _ number: Int, _ byte: Int) -> (to: Int, from: Int)
  ) -> Data {
    let (source, count) = ([UInt8](bytes), bytes.count / 8)
    var target = [UInt8](repeating: 0, count: source.count)
    for number in 0..<count {
      for byte in 0..<8 {
        let (to, from) = places(count, number, byte)
        target[to] = source[from]
      }
    }
    return Data(target)
  }
}
