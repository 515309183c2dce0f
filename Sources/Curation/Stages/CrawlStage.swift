import Crawl
import Store
import Support

/// Fetches the images of pages and lists of addresses into the pool. What has to wait, such as the
/// addresses of a host that is busy, is fetched by a later run.
enum CrawlStage: Stage {
  static let name = StageName.crawl
  static let isIncremental = true

  static func isWanted(_ plan: CurationPlan) -> Bool { !plan.crawl.sources.isEmpty }

  static func run(_ context: CurationContext) throws -> String {
    let keys = context.plan.crawl
    try FileSystem.makeFolder(context.pool.crawl)
    let ledger = try StoredLedger(path: context.pool.ledger)
    let rules = try CrawlRules.Compiled(keys.crawlRules)
    try ledger.follow(Checksum.text(of: keys.ruleText))
    try gather(ledger, rules, context)
    let fetcher = Fetcher(
      options: context.fetchOptions, rules: rules, ledger: ledger,
      store: try ImageStore(folder: context.pool.crawledImages))
    let progress = try fetch(fetcher, ledger, context)
    if progress.isOffline {
      context.observer.noticed(
        "no name of a host can be looked up; all addresses wait; run again with a network")
    }
    for host in progress.failing.prefix(progress.isOffline ? 0 : 5) {
      context.observer.noticed(
        "\(host.name): \(Format.count(host.failures, "failure"))"
          + (host.reason.isEmpty ? "" : ", \(host.reason)"))
    }
    let kept = try ledger.keptImages().filter { link in
      guard let url = try? WebURL(link.url) else { return false }
      return rules.refusal(of: url) == nil && keys.crawlRules.bytes.contains(link.image.bytes)
    }
    try write(kept, context.pool)
    return line(progress, images: Set(kept.map(\.image.hash)).count)
  }

  /// The images that may be used.
  static func output(_ context: CurationContext) throws -> String {
    guard FileSystem.exists(context.pool.crawlList) else { return "" }
    return Checksum.text(
      of: ByteText.text(try WholeFile.read(context.pool.crawlList, limit: 1 << 32)))
  }

  /// Reads what is left of the sources of links.
  private static func gather(
    _ ledger: StoredLedger, _ rules: CrawlRules.Compiled, _ context: CurationContext
  ) throws {
    let gatherer = Gatherer(ledger: ledger, rules: rules)
    for path in context.plan.crawl.sources {
      let source = try context.plan.crawl.source(path)
      context.observer.began(name, what: source.unit, total: try source.size())
      let counts = try gatherer.gather(source) { position in
        context.observer.advanced(to: position)
        return !context.isStopped()
      }
      try context.check()
      for problem in counts.problems { context.observer.noticed(problem) }
      for (count, what) in [
        (counts.unusable, "no address that can be fetched"), (counts.unreadable, "not readable"),
        (counts.refusing, "asks not to take its images"), (counts.cut, "cut off at a limit"),
      ] where count > 0 {
        context.observer.noticed("\(path): \(Format.count(count)) of what was read: \(what)")
      }
      let refused = counts.refused.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      for (rule, count) in refused {
        context.observer.noticed("\(path): \(Format.count(count, "link")) refused by: \(rule)")
      }
    }
  }

  private static func fetch(
    _ fetcher: Fetcher, _ ledger: StoredLedger, _ context: CurationContext
  ) throws -> CrawlProgress {
    let before = try ledger.counts().values.reduce(0, +)
    let counts = try ledger.waitingCounts(at: Clock.wall())
    context.observer.began(name, what: "addresses", total: counts.all - counts.paused)
    let progress = try fetcher.run { progress in
      context.observer.advanced(to: progress.ended - before)
      return !context.isStopped()
    }
    try context.check()
    return progress
  }

  /// Writes which images there are, and where each is from.
  private static func write(_ kept: [KeptLink], _ pool: Pool) throws {
    var files = ByteText.bytes("file\n")
    var origins = ByteText.bytes("file,url,page,alt\n")
    var known: Set<String> = []
    for link in kept {
      let file = "images/" + link.image.file
      if known.insert(file).inserted { files += ByteText.bytes(file.csvField + "\n") }
      origins += ByteText.bytes(
        [file, link.url, link.page, link.alt].map(\.csvField).joined(separator: ",") + "\n")
    }
    try WholeFile.write(bytes: origins, to: pool.crawlOrigins)
    if known.isEmpty {
      if FileSystem.exists(pool.crawlList) { try FileSystem.removeFile(pool.crawlList) }
    } else {
      try WholeFile.write(bytes: files, to: pool.crawlList)
    }
  }

  private static func line(_ progress: CrawlProgress, images: Int) -> String {
    let others = progress.outcomes.filter { $0.key != .kept }
      .sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
      .map { "\(Format.count($0.value)) \($0.key.words)" }
    let waiting =
      progress.waiting == 0
      ? [] : ["\(Format.count(progress.waiting)) left for a later run"]
    return ([Format.count(images, "image")] + others + waiting).joined(separator: ", ")
  }
}

extension CurationPlan.Crawl {
  /// The rules as text, which tells whether two plans differ in them.
  fileprivate var ruleText: String {
    let lists = [ports.map(String.init), allowedDomains, deniedDomains, allowedPaths, deniedPaths]
    return lists.map { $0.sorted().joined(separator: " ") }.joined(separator: "\n")
      + "\n\(minBytes) \(maxBytes)"
  }

  /// Returns the source of links at a path: a folder of pages, a web archive, or a list of addresses.
  fileprivate func source(_ path: String) throws -> any LinkSource {
    if FileSystem.isFolder(path) {
      return PageFolder(path: path, base: try? WebURL(pagesURL), agent: agent)
    }
    let name = path.lowercased()
    return name.hasSuffix(".warc") || name.hasSuffix(".warc.gz")
      ? ArchiveLinks(path: path, agent: agent) : URLList(path: path)
  }
}

extension CurationContext {
  /// How images are fetched.
  fileprivate var fetchOptions: FetchOptions {
    let keys = plan.crawl
    var options = FetchOptions()
    (options.agent, options.contact) = (keys.agent, keys.contact)
    (options.connections, options.connectionsPerHost) = (keys.connections, keys.perHost)
    (options.delay, options.seconds) = (keys.delay, keys.timeout)
    (options.tries, options.redirects) = (keys.tries, keys.redirects)
    options.privateAccess = privateAccess
    return options
  }
}
