import CZeroMQ

extension ZeroMQSocket {
  /// Encrypts as a server all connections of addresses that are bound from now on. `domain` is what
  /// the context's authenticator is told that a client wants to enter.
  package func encrypt(asServer keys: CurveKeyPair, domain: String) {
    set(ZMQ_CURVE_SERVER, 1)
    set(ZMQ_CURVE_SECRETKEY, bytes: keys.secretKey.bytes)
    set(ZMQ_ZAP_DOMAIN, bytes: Array(domain.utf8))
  }

  /// Encrypts as a client all connections that are made from now on.
  package func encrypt(as client: CurveClient) {
    set(ZMQ_CURVE_SERVERKEY, bytes: client.server.bytes)
    set(ZMQ_CURVE_PUBLICKEY, bytes: client.own.publicKey.bytes)
    set(ZMQ_CURVE_SECRETKEY, bytes: client.own.secretKey.bytes)
  }

  /// Encrypts the connections to the endpoints, if they need it.
  func encrypt(as endpoints: RunEndpoints) {
    guard let keys = endpoints.keys else { return }
    encrypt(as: keys)
    set(ZMQ_IPV6, 1)
    keepAlive()
  }

  /// Makes a connection over a network notice that the other side has gone, within seconds, although
  /// nothing says so.
  package func keepAlive() {
    set(ZMQ_HEARTBEAT_IVL, 3000)
    set(ZMQ_HEARTBEAT_TIMEOUT, 10_000)
    set(ZMQ_HEARTBEAT_TTL, 15_000)
  }
}
