/// Something to ask a host for.
struct FetchJob {
  /// What it is for.
  enum Purpose {
    /// An image, by the number of its address in the ledger, and the host that the address is of.
    case image(id: Int, home: OpenHost)
    /// The robots.txt of an origin, and the origin's host.
    case robots(origin: String, home: OpenHost)
  }

  let purpose: Purpose
  /// What is asked for: at first the address itself, then what it leads to.
  var url: WebURL
  var redirects = 0
  /// How often the present address was tried.
  var tries = 0

  var isRobots: Bool { if case .robots = purpose { true } else { false } }
}

/// A host with which a fetcher is busy.
final class OpenHost {
  /// What is known of an origin's robots.txt.
  enum Robots {
    case asking
    /// The file, and until when it counts, in seconds since 1970.
    case known(RobotsFile, until: Double)
    /// Nothing at the origin can be had.
    case ended(FetchOutcome, String)
  }

  var record: HostRecord
  var robots: [String: Robots] = [:]
  /// Requests that are going on.
  var active = 0
  /// When the next request may be made, on the monotonic clock, and the seconds between two.
  var readyAt = 0.0
  var delay = 0.0
  /// Whether it is in the queue of hosts.
  var isQueued = false
  /// Files robots.txt; and addresses that others led to, or that are tried again.
  var urgent: [FetchJob] = []
  var jobs: [FetchJob] = []
  /// Addresses from the ledger, the next one last, and the number of the last one that was taken.
  var window: [QueuedURL] = []
  var lastID = 0
  /// Whether the ledger has no more; also before it was asked, of a host that only redirects lead to.
  var isExhausted = true
  /// How many of its addresses have not ended.
  var waiting = 0
  /// How many of these have been taken from the ledger.
  var unfinished = 0
  /// How many addresses failed in a row because of the host.
  var failuresInRow = 0

  init(_ record: HostRecord) { self.record = record }

  var name: String { record.name }

  /// Whether an image or a robots.txt is left to ask for.
  private var hasWork: Bool { !urgent.isEmpty || !jobs.isEmpty || !window.isEmpty || !isExhausted }

  /// Whether something can be asked of it, now or when its time has come. Images wait for the
  /// robots.txt of their origin.
  var canGoOn: Bool {
    if !urgent.isEmpty { return true }
    guard let url = jobs.first?.url ?? window.last?.url else { return !isExhausted }
    if case .asking? = robots[url.origin] { return false }
    return true
  }

  /// Whether nothing of it is left to do, here or elsewhere.
  var isDone: Bool {
    !hasWork && active == 0 && unfinished == 0 && !isQueued
      && !robots.values.contains { if case .asking = $0 { true } else { false } }
  }

  /// Whether it is left alone at a time, in seconds since 1970.
  func isPaused(at time: Double) -> Bool { record.pausedUntil > time }
}
