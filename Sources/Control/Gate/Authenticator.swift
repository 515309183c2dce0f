import CZeroMQ
import FoundationEssentials
import Run
import Wire

/// Decides which clients may connect, by their keys. It answers ZeroMQ, which asks about each new
/// connection of the context (ZAP, ZeroMQ RFC 27). The user of a connection is its key, so that name
/// and role are those that the key has when a message comes. The gate's thread owns it.
final class Authenticator {
  /// Becomes readable when ZeroMQ asks.
  let socket: ZeroMQSocket
  /// Who may connect.
  var keys: AuthorizedKeys
  /// A connection that was refused: the address it came from.
  private let refused: (String) -> Void

  private static let endpoint = "inproc://zeromq.zap.01"
  /// The domain that the gate's sockets name.
  static let domain = "dino"

  /// Begins to answer. It must be made before sockets of the context are bound.
  init(
    _ context: ZeroMQContext, keys: AuthorizedKeys, refused: @escaping (String) -> Void
  ) throws(WireError) {
    self.keys = keys
    self.refused = refused
    socket = try ZeroMQSocket(context, ZMQ_ROUTER, frameLimit: 16)
    socket.set(ZMQ_LINGER, 0)
    _ = try socket.bind(Self.endpoint)
  }

  /// Answers what ZeroMQ has asked.
  func tend() {
    while let frames = socket.receive() {
      // The envelope ends with an empty frame. Then: version, request, domain, address, identity,
      // mechanism, credentials.
      guard let end = frames.firstIndex(of: Data()) else { continue }
      let (envelope, request) = (frames[...end], Array(frames[(end + 1)...]))
      guard request.count >= 2, request[0] == Data("1.0".utf8) else { continue }
      let entry = request.count == 7 ? self.entry(request) : nil
      if entry == nil, request.count > 3 { refused(String(decoding: request[3], as: UTF8.self)) }
      let verdict = entry == nil ? ("400", "unknown key", "") : ("200", "OK", "\(entry!.key)")
      let reply = ["1.0", nil, verdict.0, verdict.1, verdict.2, ""]
      socket.send(envelope + reply.map { $0.map { Data($0.utf8) } ?? request[1] })
    }
  }

  /// Returns the entry of a connection's user; `nil` if it may not be connected any more.
  func entry(of user: String?) -> AuthorizedKeys.Entry? {
    user.flatMap(CurveKey.init).flatMap { keys[$0] }
  }

  /// Returns the entry of the key that a request names; `nil` if it may not connect.
  private func entry(_ request: [Data]) -> AuthorizedKeys.Entry? {
    guard request[2] == Data(Self.domain.utf8), request[5] == Data("CURVE".utf8),
      let key = CurveKey(bytes: request[6])
    else { return nil }
    return keys[key]
  }
}
