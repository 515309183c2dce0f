/// How a fetcher behaves. The values that are set are those of a polite crawl.
package struct FetchOptions: Sendable {
  /// The name by which robots.txt and `X-Robots-Tag` know us: letters, `-` and `_`.
  package var agent = "dino"
  /// An address at which those who run servers find out about the crawl; a part of `User-Agent`.
  package var contact = ""
  /// The most requests at once, and at once at a host.
  package var connections = 64
  package var connectionsPerHost = 2
  /// The least time between the starts of two requests at a host, in seconds. A longer one that
  /// robots.txt asks for is kept.
  package var delay = 1.0
  /// The most seconds that a request takes, and that a connection does.
  package var seconds = 30.0
  package var connectSeconds = 10.0
  /// A request ends that brings fewer bytes a second than this, for so many seconds.
  package var slowBytes = 1000
  package var slowSeconds = 10
  /// The most redirects of an address.
  package var redirects = 5
  /// How often an address is tried, and the seconds before the second try, which double each time.
  package var tries = 3
  package var backoff = 5.0
  /// The longest time that a run waits for a host that asks for it. Addresses of a host that asks for
  /// more are left for a later run.
  package var patience = 600.0
  /// How long a host is left alone that forbids to take its images or that fails.
  package var pause = 86_400.0
  /// How many images a host forbids until it is left alone, and how many fail in a row.
  package var mostForbidden = 5
  package var mostFailures = 20
  /// How long a robots.txt counts, in seconds: from a minute to a day (RFC 9309, 2.4).
  package var robotsSeconds = 86_400.0
  /// The most hosts that are kept in memory.
  package var openHosts = 1024
  /// How often progress is reported, in seconds.
  package var reportSeconds = 1.0
  /// Which addresses are reached that are not public.
  package var privateAccess = PrivateAccess.none

  package init() {}

  /// What servers see as `User-Agent`; the name comes first.
  func userAgent(version: String) -> String {
    "\(agent)/\(version)" + (contact.isEmpty ? "" : " (+\(contact))")
  }
}
