import Support

/// What a fetcher knows of files robots.txt.
extension Fetcher {
  /// From how many bytes on a robots.txt is large, and the bytes of all above which no large one is
  /// taken in.
  private static let large = 64 << 10
  private static let mostBytes = 64 << 20

  /// Returns what is known of an origin's robots.txt; `nil` if it has to be asked for.
  func robots(of origin: String, at host: OpenHost) throws(FileError) -> OpenHost.Robots? {
    let now = Clock.wall()
    if case .known(_, let until)? = host.robots[origin], until <= now { forget(origin, at: host) }
    if host.robots[origin] == nil {
      var record = newRobots[origin]
      if record == nil { record = try ledger.robots(of: origin) }
      if let record, record.until > now { try learn(record, at: host) }
    }
    return host.robots[origin]
  }

  /// Asks for the robots.txt of an address's origin.
  func askRobots(_ url: WebURL, at host: OpenHost) throws(FileError) {
    guard !host.isPaused(at: Clock.wall()), let place = try? WebURL("/robots.txt", base: url) else {
      return
    }
    host.robots[url.origin] = .asking
    start(FetchJob(purpose: .robots(origin: url.origin, home: host), url: place), at: host)
  }

  /// Takes in a robots.txt. Memory does not hold any number of large ones, so hosts with more of them
  /// wait for a later run.
  private func learn(_ record: RobotsRecord, at host: OpenHost) throws(FileError) {
    forget(record.origin, at: host)
    if let text = record.text, text.utf8.count > Self.large, robotsBytes > Self.mostBytes {
      return try pause(host, options.pause, "its robots.txt is large, as are those of many others")
    }
    let file = record.text.map { RobotsFile(Array($0.utf8), agent: options.agent) } ?? .allowed
    robotsBytes += file.cost
    host.robots[record.origin] = .known(file, until: record.until)
    host.delay = max(options.delay, file.crawlDelay ?? 0)
    host.readyAt = max(host.readyAt, Clock.monotonic() + host.delay)
  }

  /// Forgets what is known of an origin's robots.txt.
  func forget(_ origin: String, at host: OpenHost) {
    guard case .known(let file, _)? = host.robots.removeValue(forKey: origin) else { return }
    robotsBytes -= file.cost
  }

  /// Takes the end of a request for the robots.txt of an origin.
  func finishRobots(
    _ job: FetchJob, of origin: String, _ home: OpenHost, _ transfer: Transfer,
    _ end: TransferEnd, _ failure: Failure?
  ) throws(FileError) {
    defer { settle(home) }
    switch (failure, end) {
    case ((let outcome, let detail)?, _):
      try giveUp(origin, home, outcome, "robots.txt: \(detail)")
    case (nil, .redirect(let place)):
      // More than five redirects, and those to nowhere, are as if there were none (RFC 9309, 2.3.1.2).
      guard job.redirects < 5, let url = try? WebURL(place, base: job.url) else {
        return try know(nil, of: origin, at: home)
      }
      if let rule = rules.refusal(of: url) {
        home.robots[origin] = .ended(.disallowed, "robots.txt leads to \(rule)")
      } else {
        try send(job, to: url)
      }
    default:
      let text = String(decoding: transfer.body.prefix(RobotsFile.mostBytes), as: UTF8.self)
      try know(transfer.header.status == 200 ? text : nil, of: origin, at: home)
    }
  }

  /// Keeps a robots.txt; `nil` if there is none.
  private func know(_ text: String?, of origin: String, at home: OpenHost) throws(FileError) {
    // A file counts for a while in any case, or it would be asked for again at once.
    let seconds = min(max(options.robotsSeconds, 60), 86_400)
    let record = RobotsRecord(origin: origin, text: text, until: Clock.wall() + seconds)
    note(record)
    try learn(record, at: home)
  }

  /// Ends all addresses of an origin whose robots.txt cannot be had, or leaves them for a later run if
  /// the server is there but fails: it may disallow them (RFC 9309, 2.3.1.4).
  private func giveUp(
    _ origin: String, _ home: OpenHost, _ outcome: FetchOutcome, _ detail: String
  ) throws(FileError) {
    home.record.failures += 1
    if outcome == .badCertificate { home.record.badCertificates += 1 }
    home.record.reason = PrintableText.line(detail, limit: 200)
    note(home)
    switch outcome {
    case .serverError, .tooManyRequests:
      home.robots[origin] = nil
      try pause(home, options.pause, detail)
    case .unknownName where !names.isOver: held.append((origin, home, detail))
    default: home.robots[origin] = .ended(outcome, detail)
    }
  }

  /// Ends the addresses of names that are not known, once it is sure; false if there are none.
  func releaseHeld() -> Bool {
    // Without a network all addresses wait for a later run.
    guard !held.isEmpty, !names.isBroken, !names.areAllUnknown else { return false }
    for (origin, home, detail) in held {
      home.robots[origin] = .ended(.unknownName, detail)
      settle(home)
    }
    held = []
    return true
  }
}
