import Support

/// The path of a local socket that a server listens on.
///
/// The socket is bound under another name and then renamed. So ZeroMQ, which removes the name that
/// it bound, never removes a socket that another server has put there since; and `remove` does so
/// only if the socket is still its own.
struct ListeningPath {
  private let path: String
  private let identity: FileIdentity

  /// Binds a socket to an endpoint, local or not. Returns the endpoint as bound, and the path of a
  /// local one.
  static func bind(
    _ socket: ZeroMQSocket, _ endpoint: String
  ) throws(WireError) -> (endpoint: String, path: ListeningPath?) {
    guard let path = RunEndpoints.path(endpoint) else { return (try socket.bind(endpoint), nil) }
    let temporary = path + "~"
    _ = try socket.bind("ipc://" + temporary)
    do throws(FileError) {
      guard let status = try FileSystem.status(temporary, followingLinks: false) else {
        throw FileError(file: temporary, what: "is gone", remedy: "try again")
      }
      try FileSystem.move(temporary, to: path)
      return (endpoint, ListeningPath(path: path, identity: status.identity))
    } catch {
      throw .endpoint(endpoint, reason: "\(error)")
    }
  }

  /// Removes the socket's file, unless another one is there now.
  func remove() {
    let there = try? FileSystem.status(path, followingLinks: false)
    if there?.identity == identity { try? FileSystem.removeFile(path) }
  }
}
