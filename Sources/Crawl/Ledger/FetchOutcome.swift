/// What became of an address. Each ends in exactly one of these.
package enum FetchOutcome: String, CaseIterable, Sendable, Codable {
  /// An image was kept.
  case kept
  /// What came is no image of a format that Dino knows.
  case notAnImage
  case tooLarge, tooSmall
  /// There is nothing at the address (404, 410), or the server refuses it (other 4xx).
  case notFound, refused
  /// After all tries the server had too many requests (429) or failed (5xx), or the answer was cut
  /// off or too slow.
  case tooManyRequests, serverError, incomplete, timedOut
  /// robots.txt disallows it, or `X-Robots-Tag` forbids to take it.
  case disallowed, forbidden
  /// It leads to an address that the rules refuse, or to none, or on and on.
  case againstRules, badRedirect, tooManyRedirects
  /// The host has no known name or cannot be reached, has a bad certificate, or is none of the
  /// public Internet.
  case unknownName, unreachable, badCertificate, privateAddress
}

extension FetchOutcome {
  /// Whether it depends on the rules of the crawl.
  var isByRules: Bool { [.againstRules, .tooLarge, .tooSmall].contains(self) }

  /// The outcome in words, behind a number of addresses or one of them.
  package var words: String {
    switch self {
    case .kept: "kept"
    case .notAnImage: "no image"
    case .tooLarge: "too large"
    case .tooSmall: "too small"
    case .notFound: "not found"
    case .refused: "refused by the server"
    case .tooManyRequests: "asked for too often"
    case .serverError: "failed at the server"
    case .incomplete: "cut off"
    case .timedOut: "too slow"
    case .disallowed: "disallowed by robots.txt"
    case .forbidden: "forbidden by X-Robots-Tag"
    case .againstRules: "against the rules"
    case .badRedirect: "led nowhere"
    case .tooManyRedirects: "led on and on"
    case .unknownName: "with an unknown name"
    case .unreachable: "unreachable"
    case .badCertificate: "with a bad certificate"
    case .privateAddress: "at a private address"
    }
  }
}

/// An address that waits to be fetched.
package struct QueuedURL: Sendable, Equatable {
  /// Its number in the ledger, which orders the addresses of a host.
  package let id: Int
  package let url: WebURL

  package init(id: Int, url: WebURL) {
    self.id = id
    self.url = url
  }
}

/// An image that was kept.
package struct KeptImage: Sendable, Hashable {
  /// The XXH3-128 of its bytes, as 32 hexadecimal digits. Its file is named by it.
  package let hash: String
  /// The name of its file, below the folder of images.
  package let file: String
  /// The number of its bytes.
  package let bytes: Int

  package init(hash: String, file: String, bytes: Int) {
    self.hash = hash
    self.file = file
    self.bytes = bytes
  }
}

/// How an address ended.
package struct FetchResult: Sendable, Equatable {
  /// The address's number in the ledger.
  package let id: Int
  package let outcome: FetchOutcome
  /// The status of the last response; 0 without one.
  package let status: Int
  /// What happened in words, such as a type of contents or a rule; empty if there is nothing to say.
  package let detail: String
  package let image: KeptImage?

  package init(
    id: Int, outcome: FetchOutcome, status: Int = 0, detail: String = "", image: KeptImage? = nil
  ) {
    self.id = id
    self.outcome = outcome
    self.status = status
    self.detail = detail
    self.image = image
  }
}

/// What is known of a host.
package struct HostRecord: Sendable, Equatable {
  package let name: String
  /// No request is made before this time, in seconds since 1970.
  package var pausedUntil = 0.0
  /// Why it is paused, in words.
  package var reason = ""
  /// How many addresses failed because of the host, and how many of its certificates were bad.
  package var failures = 0
  package var badCertificates = 0
  /// How many of its images `X-Robots-Tag` forbids.
  package var forbidden = 0

  package init(name: String) { self.name = name }
}

/// The robots.txt of an origin.
package struct RobotsRecord: Sendable, Equatable {
  /// The scheme, host and port, as `WebURL.origin` says them.
  package let origin: String
  /// The file; `nil` if there is none, and all is allowed.
  package let text: String?
  /// When it has to be asked for again, in seconds since 1970.
  package let until: Double

  package init(origin: String, text: String?, until: Double) {
    self.origin = origin
    self.text = text
    self.until = until
  }
}
