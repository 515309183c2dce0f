import CZeroMQ

/// A public or secret key of CURVE, the encryption of ZeroMQ: 32 bytes. As text it has 64
/// hexadecimal digits, which no shell and no file of settings misreads.
package struct CurveKey: Sendable, Hashable, CustomStringConvertible {
  /// The number of bytes of a key.
  static let size = 32

  /// The key's bytes.
  package let bytes: [UInt8]

  /// Takes the bytes of a key. Returns `nil` if there are not 32.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.size else { return nil }
    self.bytes = Array(bytes)
  }

  /// Reads a key of 64 hexadecimal digits. Returns `nil` for any other text.
  package init?(_ text: String) {
    let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count == 2 * Self.size, !digits.contains(nil) else { return nil }
    bytes = stride(from: 0, to: digits.count, by: 2).map {
      UInt8(digits[$0]! * 16 + digits[$0 + 1]!)
    }
  }

  package var description: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Takes what a function of ZeroMQ writes: 40 characters of Z85 and a zero.
  fileprivate init?(z85 text: [CChar]) {
    var bytes = [UInt8](repeating: 0, count: Self.size)
    guard zmq_z85_decode(&bytes, text) != nil else { return nil }
    self.bytes = bytes
  }

  /// The key as functions of ZeroMQ read it, in Z85.
  fileprivate var z85: [CChar] {
    var text = Self.room
    zmq_z85_encode(&text, bytes, Self.size)
    return text
  }

  /// Room for a key in Z85.
  fileprivate static var room: [CChar] { [CChar](repeating: 0, count: 41) }
}

/// A key pair of CURVE. The public key names its owner; the secret key proves it.
package struct CurveKeyPair: Sendable, Equatable {
  /// The key that others may know.
  package let publicKey: CurveKey
  /// The key that never leaves the machine.
  package let secretKey: CurveKey

  /// Makes a new pair of keys at random. Throws if the installed ZeroMQ cannot encrypt.
  package init() throws(WireError) {
    var open = CurveKey.room
    var secret = CurveKey.room
    guard zmq_curve_keypair(&open, &secret) == 0, let publicKey = CurveKey(z85: open),
      let secretKey = CurveKey(z85: secret)
    else { throw Self.unavailable }
    (self.publicKey, self.secretKey) = (publicKey, secretKey)
  }

  /// Completes the pair of a secret key. Throws if the installed ZeroMQ cannot encrypt.
  package init(secretKey: CurveKey) throws(WireError) {
    var open = CurveKey.room
    guard zmq_curve_public(&open, secretKey.z85) == 0, let publicKey = CurveKey(z85: open) else {
      throw Self.unavailable
    }
    (self.publicKey, self.secretKey) = (publicKey, secretKey)
  }

  private static let unavailable = WireError.system(
    "the installed libzmq has no CURVE encryption; install one that was built with libsodium")
}

/// What a client needs to connect to a server that encrypts.
package struct CurveClient: Sendable, Equatable {
  /// The client's own keys.
  package let own: CurveKeyPair
  /// The public key of the server. A server with another one is refused.
  package let server: CurveKey

  package init(own: CurveKeyPair, server: CurveKey) {
    self.own = own
    self.server = server
  }
}
