import Support

#if canImport(Glibc)
  import Glibc
#endif

/// The endpoints of a run's two sockets: `ipc://` paths as `RunDirectory` names them, a port
/// forwarded from another machine (`tcp://127.0.0.1:PORT`), or those of another machine's gate.
package struct RunEndpoints: Sendable, Equatable {
  /// The endpoints of the sockets `feed` and `control`.
  package var feed: String
  package var control: String
  /// The run's name at a gate, which serves many; `nil` for the sockets of a run's own daemon.
  package var run: String?
  /// The keys for a connection to a gate; `nil` for sockets of this machine.
  package let keys: CurveClient?

  package init(feed: String, control: String, run: String? = nil, keys: CurveClient? = nil) {
    self.feed = feed
    self.control = control
    self.run = run
    self.keys = keys
  }

  /// Whether they are another machine's.
  var isRemote: Bool { keys != nil }

  /// The prefix of the run's topics on `feed`.
  var topicPrefix: String { run.map { $0 + "/" } ?? "" }

  /// The longest path of a Unix socket in bytes: that of `sockaddr_un` without the final zero, less
  /// the byte that `ListeningPath` adds while it binds.
  private static let pathLimit = 106

  /// Returns the path of a local socket; `nil` for other endpoints.
  static func path(_ endpoint: String) -> String? {
    endpoint.hasPrefix("ipc://") ? String(endpoint.dropFirst(6)) : nil
  }

  /// Checks that the endpoints may be listened on, and creates the folders of local sockets with
  /// access for their owner alone. `RunServer` calls it too; a daemon calls it early, before it
  /// begins a run that no client could reach.
  package func prepareToListen() throws(WireError) {
    try Self.prepareToListen(feed)
    try Self.prepareToListen(control)
  }

  private static func prepareToListen(_ endpoint: String) throws(WireError) {
    if let path = path(endpoint) {
      guard path.utf8.count <= pathLimit else {
        throw .endpoint(
          endpoint,
          reason: "the path has \(path.utf8.count) bytes, a socket's at most \(pathLimit); set "
            + "XDG_RUNTIME_DIR to a shorter folder or choose a shorter --name")
      }
      try prepareFolder(of: path, endpoint)
    } else if !isLoopback(endpoint) {
      throw .endpoint(
        endpoint,
        reason: "only ipc:// and tcp://127.0.0.1:PORT are allowed, because messages are not "
          + "encrypted; dino serve lets other machines in, by keys")
    }
  }

  /// Removes the folder of local sockets, if it is empty. The caller holds the run's lock, so that no
  /// other daemon is about to listen there.
  package func removeFolder() {
    guard let folder = Self.path(control).map({ FilePath.parent(of: $0) }),
      (try? FileSystem.names(in: folder))?.isEmpty == true
    else { return }
    try? FileSystem.remove(folder)
  }

  private static func isLoopback(_ endpoint: String) -> Bool {
    guard endpoint.hasPrefix("tcp://"), let colon = endpoint.lastIndex(of: ":") else {
      return false
    }
    let host = String(endpoint[endpoint.index(endpoint.startIndex, offsetBy: 6)..<colon])
    var address = in_addr()
    return inet_pton(AF_INET, host, &address) == 1 && UInt32(bigEndian: address.s_addr) >> 24 == 127
  }

  private static func prepareFolder(of path: String, _ endpoint: String) throws(WireError) {
    let folder = FilePath.parent(of: path)
    do throws(FileError) {
      try FileSystem.makeFolder(folder, mode: 0o700)
    } catch {
      throw .endpoint(endpoint, reason: "\(error.file) \(error.what)")
    }
    let above = FilePath.parent(of: folder)
    // The owner of a parent folder could replace this one and put other sockets there.
    try checkOwner(of: above, orRoot: true, endpoint)
    try checkOwner(of: folder, orRoot: false, endpoint)
    chmod(FilePath.c(folder), 0o700)
  }

  private static func checkOwner(
    of folder: String, orRoot: Bool, _ endpoint: String
  ) throws(WireError) {
    let status = try? FileSystem.status(folder, followingLinks: false)
    guard let status, status.kind == .folder,
      status.owner == getuid() || (orRoot && status.owner == 0)
    else {
      throw .endpoint(
        endpoint,
        reason: "\(folder) is not a folder that you own; set XDG_RUNTIME_DIR to one that is")
    }
  }
}

/// The name of a client in the journal.
package enum ClientName {
  /// Returns a name such as `dino set (anna@workstation)`, where `program` is `dino set`.
  package static func of(_ program: String) -> String {
    let user = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(getuid())"
    return "\(program) (\(user)@\(HostName.own))"
  }
}
