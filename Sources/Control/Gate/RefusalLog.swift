import Support

/// Says in the log which addresses were refused, once a minute each, so that a flood does not fill
/// the disk.
final class RefusalLog {
  private let say: (String) -> Void
  private var said: [String: Double] = [:]

  /// Seconds between two lines about the same address, and how many addresses are told apart.
  private static let interval = 60.0
  private static let limit = 256

  init(_ say: @escaping (String) -> Void) { self.say = say }

  /// Notes that a connection from an address was refused, because its key is not known.
  func add(_ address: String) {
    // An IPv4 address that came to a socket for both.
    let address = address.hasPrefix("::ffff:") ? String(address.dropFirst(7)) : address
    let now = Clock.monotonic()
    if let last = said[address], now - last < Self.interval { return }
    if said.count >= Self.limit { said = [:] }
    said[address] = now
    say("refused \(address): its key may not connect; dino keys grant lets it in")
  }
}
