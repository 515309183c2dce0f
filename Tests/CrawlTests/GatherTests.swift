import Crawl
import Foundation
import Support
import TestSupport
import Testing

@Suite("Gathering links")
struct GatherTests {
  private let folder = TemporaryFolder()

  private func gather(
    _ source: some LinkSource, _ ledger: any CrawlLedger, _ rules: CrawlRules = CrawlRules()
  ) throws -> LinkCounts {
    try Gatherer(ledger: ledger, rules: CrawlRules.Compiled(rules)).gather(source)
  }

  /// The addresses that wait, by host and in order.
  private func waiting(_ ledger: any CrawlLedger) throws -> [String] {
    try ledger.waitingHosts(after: nil, at: Clock.wall(), limit: 1000).flatMap {
      try ledger.waiting(at: $0.host, after: 0, limit: 1000).map(\.url.description)
    }
  }

  @Test("lists are read as text and as CSV, and each address is added once")
  func lists() throws {
    let ledger = try StoredLedger()
    let text = folder.write(
      "\u{FEFF}# a list\n\n http://a.org/1 \r\nhttp://A.org:80/x/../1#f\nnothing\nhttp://b.org/2",
      to: "l.txt")
    let counts = try gather(URLList(path: text), ledger)
    #expect((counts.links, counts.new, counts.unusable) == (3, 2, 2))
    let csv = folder.write(
      "caption,URL,page\n\"a \"\"b\"\"\",http://c.org/3,http://c.org/\nx\n", to: "l.CSV")
    #expect(try gather(URLList(path: csv), ledger).new == 1)
    let plain = folder.write("http://d.org/4,x\nhttp://b.org/2\n", to: "m.csv")
    #expect(try gather(URLList(path: plain), ledger).new == 1)
    #expect(
      try waiting(ledger) == [
        "http://a.org/1", "http://b.org/2", "http://c.org/3", "http://d.org/4",
      ])
    let broken = folder.write("url\n\"http://a", to: "n.csv")
    let error = #expect(throws: FileError.self) { try gather(URLList(path: broken), ledger) }
    #expect(error?.description.hasPrefix("\(broken):2: a quote that is not closed; ") == true)
    #expect(throws: FileError.self) { try gather(URLList(path: folder.file("none.txt")), ledger) }
  }

  @Test("the pages of a folder are read in order, below the address of the folder")
  func pages() throws {
    let page = "<img src=i.png><img src=/j.png>"
    folder.write(page, to: "site/b.html")
    folder.write("<img src=k.png>", to: "site/a/c d.HTM")
    folder.write("<img src=l.png>", to: "site/text.txt")
    let site = PageFolder(
      path: folder.file("site"), base: try WebURL("http://a.org/x/"), agent: "dino")
    let ledger = try StoredLedger()
    let counts = try gather(site, ledger)
    #expect((counts.pages, counts.new) == (2, 3))
    #expect(
      try waiting(ledger) == [
        "http://a.org/x/a/k.png", "http://a.org/x/i.png", "http://a.org/j.png",
      ])
    #expect(try gather(site, ledger).pages == 0)
    folder.write("<img src=m.png>", to: "site/c.html")
    #expect(try gather(site, ledger).new == 1)
    #expect(throws: FileError.self) {
      try gather(PageFolder(path: folder.file("none"), base: nil, agent: "dino"), ledger)
    }
  }

  @Test("links that rules refuse are counted by rule, and do not wait")
  func refused() throws {
    let list = folder.write("http://a.org/1.svg\nhttp://b.org/2\nhttps://a.org/3\n", to: "l.txt")
    var rules = CrawlRules()
    (rules.deniedPaths, rules.deniedDomains) = (["*.svg"], ["b.org"])
    let ledger = try StoredLedger()
    let counts = try gather(URLList(path: list), ledger, rules)
    #expect(counts.refused == ["a denied path": 1, "a denied domain": 1] && counts.links == 1)
    #expect(try waiting(ledger) == ["https://a.org/3"])
  }

  @Test("gathering goes on where it was ended, also within a source")
  func resumed() throws {
    let pages = (0..<50).map { page in
      ArchiveBuilder.response(
        "http://a.org/\(page)/", (0..<100).map { "<img src=\($0)>" }.joined())
    }
    let whole = Array(pages.joined())
    let path = folder.write(Array(whole.dropLast(whole.count / 2)), to: "a.warc")
    let file = folder.file("ledger.sqlite")
    var new = 0
    do {
      let counts = try gather(ArchiveLinks(path: path, agent: "dino"), StoredLedger(path: file))
      #expect(counts.problems.count == 1 && counts.new > 1000)
      new = counts.new
    }
    folder.write(whole, to: "a.warc")
    let ledger = try StoredLedger(path: file)
    let rest = try gather(ArchiveLinks(path: path, agent: "dino"), ledger)
    // No page is read again.
    #expect(rest.new == 5000 - new && rest.links == rest.new && rest.problems == [])
    #expect(try ledger.waitingCounts(at: 0).all == 5000)
    #expect(try gather(ArchiveLinks(path: path, agent: "dino"), ledger).links == 0)
  }

  @Test("rules are data that can be written and read")
  func rulesAsData() throws {
    var rules = CrawlRules()
    rules.allowedDomains = ["a.org"]
    rules.bytes = 5...9
    let json = try JSONEncoder().encode(rules)
    #expect(try JSONDecoder().decode(CrawlRules.self, from: json) == rules)
  }
}

@Suite("The ledger")
struct LedgerTests {
  private let folder = TemporaryFolder()

  @Test(
    "what is recorded is there after the file is opened again, and a second process is kept away")
  func file() throws {
    let path = folder.file("ledger.sqlite")
    var host = HostRecord(name: "a.org")
    let robots = [
      RobotsRecord(origin: "http://a.org", text: "User-agent: *", until: 12.5),
      RobotsRecord(origin: "https://a.org", text: nil, until: 7),
    ]
    (host.pausedUntil, host.reason, host.failures) = (1e10, "why", 3)
    (host.badCertificates, host.forbidden) = (2, 4)
    let image = KeptImage(hash: "ab", file: "ab/ab.png", bytes: 9)
    do {
      let ledger = try StoredLedger(path: path)
      let links = try (0..<5).map {
        ImageLink(url: try WebURL("http://a.org/\($0)"), page: "p\($0)", alt: "é'\0 \($0)")
      }
      #expect(try ledger.add(links + links, of: "s", upTo: 77) == 5)
      let queued = try ledger.waiting(at: "a.org", after: 0, limit: 3)
      #expect(queued.map(\.url.path) == ["/0", "/1", "/2"])
      try ledger.record(
        [
          FetchResult(id: queued[0].id, outcome: .kept, status: 200, image: image),
          FetchResult(id: queued[1].id, outcome: .notFound, status: 404, detail: "status 404"),
        ], hosts: [host], robots: robots)
      let error = #expect(throws: FileError.self) { try StoredLedger(path: path) }
      #expect(error?.remedy == "another process uses it; wait for its end")
    }
    let ledger = try StoredLedger(path: path)
    #expect(try ledger.position(of: "s") == 77 && ledger.position(of: "t") == 0)
    #expect(try ledger.host("a.org") == host && ledger.host("b.org") == HostRecord(name: "b.org"))
    #expect(try ledger.counts() == [.kept: 1, .notFound: 1])
    #expect(try robots.map(\.origin).map(ledger.robots) == robots)
    #expect(try ledger.robots(of: "http://b.org") == nil)
    let counts = try (ledger.waitingCounts(at: 1e9), ledger.waitingCounts(at: 2e10))
    #expect(counts.0 == (3, 3) && counts.1 == (3, 0))
    #expect(try ledger.waitingHosts(after: nil, at: 1e9, limit: 9).isEmpty)
    #expect(try ledger.waitingHosts(after: nil, at: 2e10, limit: 9).map(\.waiting) == [3])
    #expect(try ledger.keptImages().map(\.image) == [image])
    #expect(try ledger.failingHosts(limit: 5) == [host])
  }

  @Test("hosts are given in pages, in an order that stays")
  func pages() throws {
    let ledger = try StoredLedger()
    let urls = try (0..<25).map { ImageLink(url: try WebURL("http://h\($0).org/")) }
    _ = try ledger.add(urls, of: "s", upTo: 1)
    var found: [String] = []
    while case let page = try ledger.waitingHosts(after: found.last, at: 0, limit: 4), !page.isEmpty
    {
      found += page.map(\.host)
    }
    #expect(found == (0..<25).map { "h\($0).org" })
  }

  @Test("a file that is no ledger is refused in a line")
  func damaged() throws {
    let path = folder.write(String(repeating: "no ledger ", count: 1000), to: "l.sqlite")
    let error = #expect(throws: FileError.self) { try StoredLedger(path: path) }
    #expect(error?.cause == .damage)
    #expect(throws: FileError.self) { try StoredLedger(path: folder.file("none/l.sqlite")) }
  }
}
