import Support

/// Watches whether names of hosts can be looked up. If most cannot, it is not they that are at fault
/// but this machine's resolver, and addresses must not be given up for that.
struct NameWatch {
  /// Of so many first names, so many failures end a crawl.
  static let watched = 256
  static let most = 200

  private var known: Set<String> = []
  private(set) var failures = 0

  /// Whether enough names were looked up to trust a failure.
  var isOver: Bool { known.count >= Self.watched }

  /// Whether no name at all was found, so that it is the network that is missing.
  var areAllUnknown: Bool { !known.isEmpty && failures == known.count }

  /// Whether the crawl has to end.
  var isBroken: Bool { failures >= Self.most }

  /// Notes the first look-up of a host.
  mutating func note(_ host: String, failed: Bool) {
    guard !isOver, !isBroken, known.insert(host).inserted else { return }
    if failed { failures += 1 }
  }
}

/// Why a crawl ended before its work was done.
package enum CrawlError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Most names of hosts cannot be looked up.
  case namesFail(failed: Int)
  /// The disk or the ledger failed.
  case file(FileError)

  package var description: String {
    switch self {
    case .namesFail(let failed):
      "\(failed) of the first \(NameWatch.watched) names of hosts cannot be looked up; no address "
        + "was given up; check the network, or run a resolver on this machine and name it in "
        + "/etc/resolv.conf"
    case .file(let error): error.description
    }
  }
}
