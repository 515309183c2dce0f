import Support

/// What follows from an answer.
extension Fetcher {
  /// Outcomes after which an address is tried again.
  private static let passing: Set<FetchOutcome> = [
    .unknownName, .unreachable, .timedOut, .incomplete, .serverError, .tooManyRequests,
  ]
  /// Outcomes that are the host's fault.
  private static let ofHost: Set<FetchOutcome> = passing.union([.badCertificate, .privateAddress])

  /// Takes the end of a request that was made of a host.
  func finish(
    _ job: FetchJob, at host: OpenHost, _ transfer: Transfer, _ end: TransferEnd
  ) throws(FileError) {
    let failure = Self.failure(transfer, end)
    if IPAddress(host: host.name) == nil {
      names.note(host.name, failed: failure?.outcome == .unknownName)
    }
    if let failure, Self.passing.contains(failure.outcome),
      try tryAgain(job, at: host, after: Self.wait(transfer), failure)
    {
      return
    }
    switch job.purpose {
    case .image: try finishImage(job, at: host, transfer, end, failure)
    case .robots(let origin, let home):
      try finishRobots(job, of: origin, home, transfer, end, failure)
    }
  }

  typealias Failure = (outcome: FetchOutcome, detail: String)

  /// What is wrong with an answer, whatever was asked for; `nil` if it is one to look at.
  private static func failure(_ transfer: Transfer, _ end: TransferEnd) -> Failure? {
    let status = transfer.header.status
    switch end {
    case .failed(let outcome, let detail): return (outcome, detail)
    case .answer where status == 429: return (.tooManyRequests, "status 429")
    case .answer where status >= 500 || status < 200: return (.serverError, "status \(status)")
    case .answer, .redirect: return nil
    }
  }

  /// The seconds that a server asks to wait; `nil` if it does not.
  private static func wait(_ transfer: Transfer) -> Double? {
    transfer.header["retry-after"].flatMap { RetryAfter.seconds($0, at: Clock.wall()) }
  }

  /// Puts a job back for another try, unless it was the last. A host that asks to wait for longer than
  /// a run does is left for a later one.
  private func tryAgain(
    _ job: FetchJob, at host: OpenHost, after seconds: Double?, _ failure: Failure
  ) throws(FileError) -> Bool {
    if let seconds, seconds > options.patience {
      putBack(job, at: host)
      try pause(host, min(seconds, options.pause), "it asks to wait (\(failure.detail))")
      return true
    }
    let usual = options.backoff * Double(1 << min(job.tries, 16))
    host.readyAt = max(host.readyAt, Clock.monotonic() + (seconds ?? usual))
    guard job.tries + 1 < options.tries else { return false }
    var job = job
    job.tries += 1
    putBack(job, at: host)
    if host.isPaused(at: Clock.wall()) { try drop(host) }
    return true
  }

  private func putBack(_ job: FetchJob, at host: OpenHost) {
    if job.isRobots { host.urgent.append(job) } else { host.jobs.append(job) }
  }

  private func finishImage(
    _ job: FetchJob, at host: OpenHost, _ transfer: Transfer, _ end: TransferEnd,
    _ failure: Failure?
  ) throws(FileError) {
    let status = transfer.header.status
    if let (outcome, detail) = failure {
      if outcome == .unknownName && !names.isOver {
        host.robots[job.url.origin] = .asking
        held.append((job.url.origin, host, detail))
        return putBack(job, at: host)
      }
      try self.end(job, outcome, status: status, detail: detail)
      if Self.ofHost.contains(outcome) { try noteFailure(of: host, outcome, detail) }
      if outcome == .forbidden { try noteForbidden(by: host, detail) }
      return
    }
    host.failuresInRow = 0
    if case .redirect(let place) = end {
      try follow(job, from: host, to: place, status)
    } else if status == 200, let image = transfer.image, let format = transfer.format {
      guard image.count >= rules.rules.bytes.lowerBound else {
        return try self.end(job, .tooSmall, status: status, detail: "\(image.count) bytes")
      }
      let kept = try store.keep(image, ending: format.endings[0])
      try self.end(job, .kept, status: status, image: kept)
    } else {
      let outcome: FetchOutcome = status == 404 || status == 410 ? .notFound : .refused
      try self.end(job, outcome, status: status, detail: "status \(status)")
    }
  }

  /// Goes to where an answer leads. Every place is judged like the first.
  private func follow(
    _ job: FetchJob, from host: OpenHost, to place: String, _ status: Int
  ) throws(FileError) {
    guard job.redirects < options.redirects else {
      return try end(job, .tooManyRedirects, status: status, detail: place)
    }
    let url: WebURL
    do throws(URLProblem) {
      url = try WebURL(place, base: job.url)
    } catch {
      return try end(job, .badRedirect, status: status, detail: error.description)
    }
    if let rule = rules.refusal(of: url) {
      return try end(job, .againstRules, status: status, detail: rule)
    }
    try send(job, to: url)
  }

  /// Hands a job over to the host of another address.
  func send(_ job: FetchJob, to url: WebURL) throws(FileError) {
    var job = job
    (job.url, job.redirects, job.tries) = (url, job.redirects + 1, 0)
    let target = try open(url.host)
    putBack(job, at: target)
    if target.isPaused(at: Clock.wall()) { try drop(target) }
    settle(target)
  }

  private func noteFailure(
    of host: OpenHost, _ outcome: FetchOutcome, _ detail: String
  ) throws(FileError) {
    host.record.failures += 1
    if outcome == .badCertificate { host.record.badCertificates += 1 }
    host.failuresInRow += 1
    note(host)
    // What was under way when it was paused does not change why.
    guard !host.isPaused(at: Clock.wall()) else { return }
    host.record.reason = PrintableText.line(detail, limit: 200)
    if host.failuresInRow >= options.mostFailures {
      try pause(host, options.pause, "\(host.failuresInRow) in a row failed: \(detail)")
    }
  }

  private func noteForbidden(by host: OpenHost, _ word: String) throws(FileError) {
    host.record.forbidden += 1
    note(host)
    if host.record.forbidden >= options.mostForbidden {
      let count = host.record.forbidden
      host.record.forbidden = 0
      try pause(
        host, options.pause, "it forbids to take its images (X-Robots-Tag: \(word), \(count) times)"
      )
    }
  }

  /// Leaves a host alone for so many seconds. What has not begun there waits for a later run.
  func pause(_ host: OpenHost, _ seconds: Double, _ reason: String) throws(FileError) {
    let wasPaused = host.isPaused(at: Clock.wall())
    host.record.pausedUntil = max(host.record.pausedUntil, Clock.wall() + seconds)
    host.record.reason = PrintableText.line(reason, limit: 200)
    note(host)
    if !wasPaused { progress.left += host.waiting }
    try drop(host)
  }

  /// Forgets what a host that is paused was to be asked. It stays in the ledger.
  func drop(_ host: OpenHost) throws(FileError) {
    let jobs = host.urgent + host.jobs
    (host.urgent, host.jobs, host.window, host.isExhausted) = ([], [], [], true)
    for job in jobs {
      switch job.purpose {
      case .image(_, let home):
        home.unfinished -= 1
        if !home.isPaused(at: Clock.wall()) {
          progress.left += 1
          home.waiting -= 1
        }
        settle(home)
      case .robots(let origin, let home):
        home.robots[origin] = nil
        if home !== host { try pause(home, options.pause, "its robots.txt is at \(host.name)") }
        settle(home)
      }
    }
  }
}
