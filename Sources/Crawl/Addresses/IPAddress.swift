#if canImport(Glibc)
  import Glibc
#endif

/// An address of the Internet protocol, and whether the public web can be there.
package struct IPAddress: Sendable, Equatable, CustomStringConvertible {
  /// Four bytes or sixteen.
  package let bytes: [UInt8]

  /// Creates an IPv4 address.
  init(v4 address: UInt32) {
    bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: address >> $0) }
  }

  /// Parses an IPv6 address without brackets; `nil` if the text is none.
  init?(v6 text: String) {
    var address = in6_addr()
    guard inet_pton(AF_INET6, text, &address) == 1 else { return nil }
    bytes = withUnsafeBytes(of: address) { Array($0) }
  }

  /// Takes the address of a socket; `nil` for other families.
  init?(_ socket: UnsafePointer<sockaddr>, length: Int) {
    switch Int32(socket.pointee.sa_family) {
    case AF_INET where length >= MemoryLayout<sockaddr_in>.size:
      bytes = socket.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        withUnsafeBytes(of: $0.pointee.sin_addr) { Array($0) }
      }
    case AF_INET6 where length >= MemoryLayout<sockaddr_in6>.size:
      bytes = socket.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
        withUnsafeBytes(of: $0.pointee.sin6_addr) { Array($0) }
      }
    default: return nil
    }
  }

  /// The address of a host that is written as one; `nil` for a name.
  package init?(host: String) {
    if host.hasPrefix("[") {
      guard host.hasSuffix("]"), let address = IPAddress(v6: String(host.dropFirst().dropLast()))
      else { return nil }
      self = address
    } else {
      var address = in_addr()
      guard inet_pton(AF_INET, host, &address) == 1 else { return nil }
      self.init(v4: UInt32(bigEndian: address.s_addr))
    }
  }

  package var description: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
      let family = bytes.count == 4 ? AF_INET : AF_INET6
      inet_ntop(family, bytes, text.baseAddress, socklen_t(text.count))
      return String(cString: text.baseAddress!)
    }
  }

  /// Whether the address is one of the public Internet's, and none of this machine, of its networks
  /// or of a special use (IANA's registries of special-purpose addresses, RFC 6890).
  package var isPublic: Bool {
    let table = bytes.count == 4 ? Self.special4 : Self.special6
    return !table.contains { $0.holds(bytes) }
      && (bytes.count == 4 || Self.global6.holds(bytes))
  }

  /// The addresses with the same first bits.
  private struct Block {
    let bytes: [UInt8]
    let bits: Int

    func holds(_ address: [UInt8]) -> Bool {
      let whole = bits / 8
      guard address[..<whole] == bytes[..<whole] else { return false }
      return bits % 8 == 0 || (address[whole] ^ bytes[whole]) >> (8 - bits % 8) == 0
    }
  }

  /// This network, private, shared by carriers, this machine, link-local, protocol assignments,
  /// documentation, 6to4 relays, benchmarks, multicast and reserved.
  private static let special4: [Block] = [
    ([0], 8), ([10], 8), ([100, 64], 10), ([127], 8), ([169, 254], 16), ([172, 16], 12),
    ([192, 0, 0], 24), ([192, 0, 2], 24), ([192, 31, 196], 24), ([192, 52, 193], 24),
    ([192, 88, 99], 24), ([192, 168], 16), ([192, 175, 48], 24), ([198, 18], 15),
    ([198, 51, 100], 24), ([203, 0, 113], 24), ([224], 3),
  ].map { Block(bytes: $0.0, bits: $0.1) }

  /// Global unicast. All else is unassigned, mapped or translated IPv4 (::ffff:0:0/96, 64:ff9b::/96),
  /// private, link-local or multicast.
  private static let global6 = Block(bytes: [0x20], bits: 3)

  /// What is special among these: protocol assignments with Teredo, documentation, and 6to4, which
  /// may carry any IPv4 address.
  private static let special6: [Block] = [
    ([0x20, 0x01, 0x00], 23), ([0x20, 0x01, 0x0D, 0xB8], 32), ([0x20, 0x02], 16),
    ([0x3F, 0xFF, 0x00], 20), ([0x26, 0x20, 0x00, 0x4F, 0x80, 0x00], 48),
  ].map { Block(bytes: $0.0, bits: $0.1) }
}
