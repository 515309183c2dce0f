/// The cyclic redundancy check with Castagnoli's polynomial, which event files have.
package enum CRC32C {
  /// The remainders of all bytes, for the polynomial 0x1EDC6F41 with its bits in reverse.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { rest, _ in
      rest & 1 == 1 ? rest >> 1 ^ 0x82F6_3B78 : rest >> 1
    }
  }

  /// Returns the check of some bytes.
  package static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { rest, byte in
      rest >> 8 ^ table[Int(UInt8(truncatingIfNeeded: rest) ^ byte)]
    }
  }

  /// Returns the check as it is stored beside the bytes. It is rotated and moved, since the check of
  /// bytes that contain their own check says little.
  package static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let check = of(bytes)
    return (check >> 15 | check << 17) &+ 0xA282_EAD8
  }
}
