import Support

/// Fetches the images that wait in a ledger, politely, on the thread that calls it.
///
/// A process may be killed at any moment. What it had recorded stays, and another fetcher goes on with
/// the rest: an address ends once, an image is a whole file or none, and what is fetched twice is at
/// most what came in the last quarter of a second.
package final class Fetcher {
  let options: FetchOptions
  let rules: CrawlRules.Compiled
  let ledger: any CrawlLedger
  let store: ImageStore
  let limits: TransferLimits
  var hosts: [String: OpenHost] = [:]
  var names = NameWatch()
  /// Origins with names that are not known, until it is sure that this is not the resolver's fault.
  var held: [(origin: String, home: OpenHost, detail: String)] = []
  /// The bytes that the files robots.txt in memory take.
  var robotsBytes = 0
  var progress = CrawlProgress()

  private let pool: TransferPool
  private var requests: [ObjectIdentifier: (job: FetchJob, host: OpenHost)] = [:]
  private var queue = ReadyQueue()
  /// Hosts that are to be closed, and when they are looked at next.
  private var resting: [String: OpenHost] = [:]
  private var restAt = 0.0
  /// The last host that the ledger gave; `nil` before the first.
  private var lastHost: String?
  private var hasAllHosts = false
  private var results: [FetchResult] = []
  private var changedHosts: [String: HostRecord] = [:]
  /// Files robots.txt that the ledger does not have yet, by origin.
  private(set) var newRobots: [String: RobotsRecord] = [:]
  private var flushAt = Double.infinity
  private var meter = RateMeter()
  private let began = Clock.monotonic()
  private var reportAt = 0.0

  /// How many results are recorded at a time, and after how many seconds fewer are. A slow disk is
  /// flushed less often.
  private static let batch = 1000
  private var flushSeconds = 0.25
  /// How many addresses of a host are taken from the ledger at a time.
  private static let windowSize = 64
  /// How many addresses of a host end in one turn without a request.
  private static let mostInTurn = 1000

  package init(
    options: FetchOptions, rules: CrawlRules.Compiled, ledger: any CrawlLedger, store: ImageStore
  ) {
    self.options = options
    self.rules = rules
    self.ledger = ledger
    self.store = store
    limits = TransferLimits(
      userAgent: options.userAgent(version: Version.current), agent: options.agent,
      mostBytes: rules.rules.bytes.upperBound, seconds: options.seconds,
      connectSeconds: options.connectSeconds, slowBytes: options.slowBytes,
      slowSeconds: options.slowSeconds, access: options.privateAccess)
    pool = TransferPool(connections: options.connections)
  }

  /// Fetches until nothing is left but what has to wait for a later run. Call it once.
  ///
  /// - Parameter report: Called about once a second and at the end; false ends the run, and what is
  ///   under way is asked for again by the next one.
  package func run(
    report: (CrawlProgress) -> Bool = { _ in true }
  ) throws(CrawlError) -> CrawlProgress {
    defer { store.close() }
    do throws(FileError) {
      progress.outcomes = try ledger.counts()
      (progress.waiting, progress.left) = try ledger.waitingCounts(at: Clock.wall())
      while try step(), !names.isBroken {
        guard Clock.monotonic() >= reportAt else { continue }
        reportAt = Clock.monotonic() + options.reportSeconds
        if !report(try present()) { break }
      }
      try flush()
      if !held.isEmpty, names.areAllUnknown {
        (progress.isOffline, progress.left) = (true, progress.waiting)
      }
      let last = try present()
      if !names.isBroken {
        _ = report(last)
        return last
      }
    } catch {
      throw .file(error)
    }
    throw .namesFail(failed: names.failures)
  }

  /// Begins what can begin, and waits for something to end; false if nothing is left to do.
  private func step() throws(FileError) -> Bool {
    try openHosts()
    while pool.count < options.connections, let time = queue.firstTime,
      time <= Clock.monotonic(), let host = queue.pop()
    {
      host.isQueued = false
      try serve(host)
      settle(host)
    }
    if names.isOver { _ = releaseHeld() }
    if pool.count == 0 && queue.firstTime == nil && !releaseHeld() && hasAllHosts { return false }
    let next = pool.count < options.connections ? queue.firstTime ?? .infinity : .infinity
    pool.run(waiting: min(next, flushAt, reportAt) - Clock.monotonic())
    while let (transfer, code) = pool.next() {
      guard let (job, host) = requests.removeValue(forKey: ObjectIdentifier(transfer)) else {
        continue
      }
      host.active -= 1
      progress.bytes += transfer.count
      if let failure = transfer.failure { throw failure }
      try finish(job, at: host, transfer, TransferEnd(transfer, code))
      settle(host)
    }
    if results.count >= Self.batch || Clock.monotonic() >= flushAt { try flush() }
    return true
  }
}

// MARK: - Hosts

extension Fetcher {
  /// Takes hosts from the ledger until there are enough.
  private func openHosts() throws(FileError) {
    closeRested()
    while !hasAllHosts && hosts.count - resting.count < options.openHosts {
      let found = try ledger.waitingHosts(after: lastHost, at: Clock.wall(), limit: 64)
      guard let last = found.last else { return hasAllHosts = true }
      lastHost = last.host
      for (name, waiting) in found {
        let host = try open(name)
        guard !host.isPaused(at: Clock.wall()) else {
          progress.left += waiting
          continue
        }
        (host.isExhausted, host.waiting) = (false, waiting)
        settle(host)
      }
    }
  }

  /// Returns a host, with what is known of it.
  func open(_ name: String) throws(FileError) -> OpenHost {
    if let host = hosts[name] { return host }
    var record = changedHosts[name]
    if record == nil { record = try ledger.host(name) }
    let host = OpenHost(record ?? HostRecord(name: name))
    host.delay = options.delay
    hosts[name] = host
    return host
  }

  /// Puts a host into the queue if something can be asked of it, or closes it if nothing is left.
  func settle(_ host: OpenHost) {
    guard !host.isQueued, host.active < options.connectionsPerHost else { return }
    if host.canGoOn {
      host.isQueued = true
      queue.push(host, at: host.readyAt)
    } else if host.isDone {
      resting[host.name] = host
    }
  }

  /// Closes hosts of which nothing is left, and to which another may lead without harm: the time that
  /// has to pass between two requests has passed.
  private func closeRested() {
    let now = Clock.monotonic()
    guard now >= restAt else { return }
    restAt = now + 0.1
    for (name, host) in resting where !host.isDone || host.readyAt <= now {
      resting[name] = nil
      guard host.isDone else { continue }
      for origin in Array(host.robots.keys) { forget(origin, at: host) }
      hosts[name] = nil
    }
  }

  /// Notes that what is known of a host has changed.
  func note(_ host: OpenHost) {
    changedHosts[host.name] = host.record
    flushAt = min(flushAt, Clock.monotonic() + flushSeconds)
  }

  /// Keeps a robots.txt for the ledger.
  func note(_ robots: RobotsRecord) {
    newRobots[robots.origin] = robots
    flushAt = min(flushAt, Clock.monotonic() + flushSeconds)
  }

  /// Returns what is to be asked of a host next; `nil` if there is nothing.
  private func nextJob(_ host: OpenHost) throws(FileError) -> FetchJob? {
    if !host.urgent.isEmpty { return host.urgent.removeFirst() }
    if !host.jobs.isEmpty { return host.jobs.removeFirst() }
    if host.window.isEmpty && !host.isExhausted {
      let found = try ledger.waiting(at: host.name, after: host.lastID, limit: Self.windowSize)
      host.isExhausted = found.count < Self.windowSize
      host.lastID = found.last?.id ?? host.lastID
      host.window = found.reversed()
    }
    guard let next = host.window.popLast() else { return nil }
    host.unfinished += 1
    return FetchJob(purpose: .image(id: next.id, home: host), url: next.url)
  }

  /// Makes one request of a host, or ends addresses that need none.
  private func serve(_ host: OpenHost) throws(FileError) {
    for _ in 0..<Self.mostInTurn {
      if host.isPaused(at: Clock.wall()) { return try drop(host) }
      guard let job = try nextJob(host) else { return }
      guard case .image = job.purpose else { return start(job, at: host) }
      if let rule = rules.refusal(of: job.url) {
        try end(job, .againstRules, detail: rule)
        continue
      }
      switch try robots(of: job.url.origin, at: host) {
      case .known(let file, _):
        if file.allows(job.url.target) { return start(job, at: host) }
        try end(job, .disallowed, detail: job.url.origin + "/robots.txt")
      case .ended(let outcome, let detail): try end(job, outcome, detail: detail)
      case .asking: return host.jobs.insert(job, at: 0)
      case nil:
        host.jobs.insert(job, at: 0)
        return try askRobots(job.url, at: host)
      }
    }
  }

  /// Makes a request.
  func start(_ job: FetchJob, at host: OpenHost) {
    let transfer = Transfer(
      job.isRobots ? .robots : .image, job.url, limits: limits, store: job.isRobots ? nil : store)
    requests[ObjectIdentifier(transfer)] = (job, host)
    host.active += 1
    host.readyAt = max(host.readyAt, Clock.monotonic() + host.delay)
    progress.requests += 1
    pool.add(transfer)
  }
}

// MARK: - Results

extension Fetcher {
  /// Ends an address.
  func end(
    _ job: FetchJob, _ outcome: FetchOutcome, status: Int = 0, detail: String = "",
    image: KeptImage? = nil
  ) throws(FileError) {
    guard case .image(let id, let home) = job.purpose else { return }
    let words = PrintableText.line(detail, limit: 200)
    results.append(
      FetchResult(id: id, outcome: outcome, status: status, detail: words, image: image))
    progress.outcomes[outcome, default: 0] += 1
    progress.waiting -= 1
    if home.isPaused(at: Clock.wall()) { progress.left -= 1 }
    home.waiting -= 1
    home.unfinished -= 1
    settle(home)
    flushAt = min(flushAt, Clock.monotonic() + flushSeconds)
    if results.count >= Self.batch { try flush() }
  }

  /// Records what has ended. Images are on the disk before the ledger says so.
  private func flush() throws(FileError) {
    flushAt = .infinity
    guard !results.isEmpty || !changedHosts.isEmpty || !newRobots.isEmpty else { return }
    let start = Clock.monotonic()
    defer { flushSeconds = min(max(0.25, 10 * (Clock.monotonic() - start)), 10) }
    try store.sync()
    let hosts = changedHosts.values.sorted { $0.name < $1.name }
    let robots = newRobots.values.sorted { $0.origin < $1.origin }
    try ledger.record(results, hosts: hosts, robots: robots)
    (results, changedHosts, newRobots) = ([], [:], [:])
  }

  /// The progress as it is now.
  private func present() throws(FileError) -> CrawlProgress {
    let now = Clock.monotonic()
    progress.active = pool.count
    progress.seconds = now - began
    progress.rate = meter.rate(at: now, ended: progress.ended)
    progress.failing = try ledger.failingHosts(limit: 10)
    // The host with most to do may take longer than all others together.
    let longest = hosts.values.lazy.map { Double($0.waiting) * $0.delay }.max() ?? 0
    let todo = progress.waiting - progress.left
    progress.secondsLeft =
      todo == 0 ? 0 : progress.rate > 0 ? max(Double(todo) / progress.rate, longest) : nil
    return progress
  }
}
