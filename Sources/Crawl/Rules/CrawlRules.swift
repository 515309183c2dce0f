/// Which addresses are fetched, as data. What is not said is not restricted, but for scheme and port.
package struct CrawlRules: Sendable, Equatable, Codable {
  /// Schemes that are fetched: `http`, `https` or both.
  package var schemes: Set<String> = ["http", "https"]
  /// Ports that are fetched.
  package var ports: Set<Int> = [80, 443]
  /// If it is not empty, only these domains and what is below them are fetched.
  package var allowedDomains: [String] = []
  /// Domains that are not fetched, and nothing below them, even if they are allowed.
  package var deniedDomains: [String] = []
  /// If it is not empty, only paths that match one of these are fetched. `*` stands for any text and
  /// `?` for one character; small and capital letters are the same.
  package var allowedPaths: [String] = []
  /// Paths that are not fetched.
  package var deniedPaths: [String] = []
  /// The fewest and the most bytes of an image that is kept.
  package var bytes: ClosedRange<Int> = 1...(16 << 20)

  package init() {}

  /// Rules with patterns and domains in the form in which they are compared.
  package struct Compiled: Sendable {
    package let rules: CrawlRules
    private let allowed: DomainSet
    private let denied: DomainSet
    private let allowedPaths: [[UInt8]]
    private let deniedPaths: [[UInt8]]

    /// Throws a line that names the first domain that is none.
    package init(_ rules: CrawlRules) throws(RuleError) {
      self.rules = rules
      allowed = try DomainSet(rules.allowedDomains)
      denied = try DomainSet(rules.deniedDomains)
      allowedPaths = rules.allowedPaths.map { Array($0.lowercased().utf8) }
      deniedPaths = rules.deniedPaths.map { Array($0.lowercased().utf8) }
    }

    /// Returns which rule an address breaks, in words; `nil` if it may be fetched.
    package func refusal(of url: WebURL) -> String? {
      if !rules.schemes.contains(url.scheme) { return "scheme \(url.scheme)" }
      if !rules.ports.contains(url.port) { return "port \(url.port)" }
      if denied.contains(url.host) { return "a denied domain" }
      if !allowed.isEmpty && !allowed.contains(url.host) { return "no allowed domain" }
      let path = Array(url.path.lowercased().utf8)
      if deniedPaths.contains(where: { PathPattern.matches($0, path) }) { return "a denied path" }
      if !allowedPaths.isEmpty && !allowedPaths.contains(where: { PathPattern.matches($0, path) }) {
        return "no allowed path"
      }
      return nil
    }
  }
}

/// A rule that cannot be followed.
package struct RuleError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The domain as it is written.
  package let domain: String
  package var description: String {
    "\(domain.debugDescription) is no domain; write it like example.org, without a scheme or a path"
  }
}

/// Domains and all that is below them, looked up in time that does not depend on their number.
private struct DomainSet: Sendable {
  private let names: Set<String>

  init(_ domains: [String]) throws(RuleError) {
    var names: Set<String> = []
    for domain in domains {
      let text = domain.hasPrefix("*.") ? domain.dropFirst(2) : domain[...]
      guard let name = HostName.canonical(Array(text.utf8)[...]) else {
        throw RuleError(domain: domain)
      }
      names.insert(name)
    }
    self.names = names
  }

  var isEmpty: Bool { names.isEmpty }

  /// Whether a host or one of the domains above it, label by label, is in the set.
  func contains(_ host: String) -> Bool {
    var rest = host[...]
    while !names.contains(String(rest)) {
      guard let dot = rest.firstIndex(of: ".") else { return false }
      rest = rest[rest.index(after: dot)...]
    }
    return true
  }
}

/// Paths with `*` and `?`.
enum PathPattern {
  /// Returns whether a whole path matches, in time of at most the product of both lengths.
  static func matches(_ pattern: [UInt8], _ path: [UInt8]) -> Bool {
    var (p, t) = (0, 0)
    var retry: (pattern: Int, path: Int)?
    while t < path.count {
      if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
        retry = (p + 1, t)
        p += 1
      } else if p < pattern.count, pattern[p] == path[t] || pattern[p] == UInt8(ascii: "?") {
        p += 1
        t += 1
      } else if let last = retry {
        // The last star takes one more byte.
        retry = (last.pattern, last.path + 1)
        (p, t) = (last.pattern, last.path + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
