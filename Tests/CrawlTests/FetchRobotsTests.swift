import Crawl
import Support
import TestSupport
import Testing

@Suite("Fetching by the rules of robots", .serialized)
struct FetchRobotsTests {
  /// A web of hosts with a robots.txt each, on which every other path is an image.
  private func web(
    _ robots: @escaping @Sendable (TinyWeb.Request) -> TinyWeb.Answer
  ) -> CrawlSetup {
    CrawlSetup(
      TinyWeb { $0.target == "/robots.txt" ? robots($0) : .file(picture($0.target.count)) })
  }

  @Test("what robots.txt disallows is never asked for, and all else is")
  func disallowed() throws {
    let setup = web { _ in .text("User-agent: *\nDisallow: /no\nAllow: /no/yes") }
    let paths = ["no", "no/x", "no/yes", "other"].flatMap { path in
      (0..<20).map { "http://a.test/\(path)?\($0)" }
    }
    #expect(try setup.outcomes(paths) == [.disallowed: 40, .kept: 40])
    let asked = setup.web.asked
    #expect(asked.filter { $0 == "a.test/robots.txt" }.count == 1 && asked.count == 41)
    #expect(!asked.contains { $0.hasPrefix("a.test/no") && !$0.hasPrefix("a.test/no/yes") })
  }

  /// Answers to a request for robots.txt, how often it is asked for, and what becomes of an image.
  private static let replies: [(TinyWeb.Answer, Int, FetchOutcome?)] = [
    (.status(404), 1, .kept), (.status(403), 1, .kept), (.status(401), 1, .kept),
    (.text(""), 1, .kept), (.text("<html>nothing"), 1, .kept),
    (.text("User-agent: dino\nDisallow: /"), 1, .disallowed), (.redirect("file:///x"), 1, .kept),
    (.redirect("/robots.txt"), 6, .kept), (.redirect("http://a.test:81/"), 1, .disallowed),
    (.status(500), 3, nil), (.status(503), 3, nil), (.status(429), 3, nil),
    (.init(body: [1], length: 100), 3, .incomplete), (.init(status: 999), 3, nil),
  ]

  @Test("an answer to robots.txt counts as RFC 9309 says", arguments: replies)
  func answers(_ answer: TinyWeb.Answer, _ count: Int, _ outcome: FetchOutcome?) throws {
    let setup = web { _ in answer }
    setup.add(["http://a.test/x"])
    let progress = try setup.fetch()
    #expect(progress.outcomes == (outcome.map { [$0: 1] } ?? [:]))
    #expect(progress.left == (outcome == nil ? 1 : 0) && progress.waiting == progress.left)
    let asked = setup.web.asked
    #expect(asked.filter { $0 == "a.test/robots.txt" }.count == count)
    #expect(asked.contains("a.test/x") == (outcome == .kept))
    if outcome == nil {
      let host = try setup.ledger.host("a.test")
      #expect(host.pausedUntil > Clock.wall() + 80_000 && host.reason.hasPrefix("robots.txt: "))
    }
  }

  @Test("a robots.txt that redirects lead to counts for the host that was asked")
  func redirected() throws {
    let setup = web { request in
      request.host == "a.test" && request.before == 0
        ? .redirect("http://b.test/robots.txt") : .text("User-agent: *\nDisallow: /no")
    }
    #expect(
      try setup.outcomes(["http://a.test/no", "http://a.test/yes"]) == [.disallowed: 1, .kept: 1])
    #expect(setup.web.asked.sorted() == ["a.test/robots.txt", "a.test/yes", "b.test/robots.txt"])
  }

  @Test("of a robots.txt without an end, 500 KiB count")
  func endless() throws {
    let start = Array("User-agent: *\nDisallow: /no\n".utf8)
    let filler = [UInt8](repeating: 0x23, count: 1 << 16)
    let setup = web { _ in .init(body: start, more: (filler, 0, .max)) }
    #expect(
      try setup.outcomes(["http://a.test/no", "http://a.test/yes"]) == [.disallowed: 1, .kept: 1])
    #expect(setup.web.sent < 20 << 20)
  }

  @Test("hosts whose files are so large that memory does not hold all are left for a later run")
  func manyLarge() throws {
    let text = "User-agent: *\nDisallow: /" + String(repeating: "é", count: 240_000)
    let file = TinyWeb.Answer.text(text)
    let setup = web { _ in file }
    setup.add((0..<80).flatMap { ["http://h\($0).test/1", "http://h\($0).test/2"] })
    var progress = CrawlProgress()
    let taken = try bytesTaken { progress = try setup.fetch() }
    #expect(taken < 256 << 20)
    let kept = progress.outcomes[.kept] ?? 0
    #expect(progress.ended == kept && kept + progress.left == 160 && kept >= 60)
    #expect(progress.waiting == progress.left && progress.left > 0)
    // The next run does the rest, without asking for a robots.txt again.
    for number in 0..<80 {
      var host = try setup.ledger.host("h\(number).test")
      host.pausedUntil = 0
      try setup.ledger.record([], hosts: [host], robots: [])
    }
    #expect(try setup.fetch().ended > kept)
    #expect(setup.web.asked.filter { $0.hasSuffix("/robots.txt") }.count == 80)
  }

  @Test("a robots.txt is asked for once a day, also after a restart")
  func cached() throws {
    let setup = web { _ in .text("User-agent: *\nDisallow: /no") }
    _ = try setup.outcomes(["http://a.test/1"])
    #expect(
      try setup.outcomes(["http://a.test/2", "http://a.test/no"]) == [.kept: 2, .disallowed: 1])
    #expect(setup.web.asked.filter { $0 == "a.test/robots.txt" }.count == 1)
    let old = RobotsRecord(origin: "http://a.test", text: "", until: Clock.wall() - 1)
    try setup.ledger.record([], hosts: [], robots: [old])
    #expect(try setup.outcomes(["http://a.test/3"])[.kept] == 3)
    #expect(setup.web.asked.filter { $0 == "a.test/robots.txt" }.count == 2)
  }

  @Test("an image whose header forbids to take it is not kept, nor is its body read")
  func forbidden() throws {
    let zeros = [UInt8](repeating: 0, count: 1 << 16)
    let setup = CrawlSetup(
      TinyWeb([
        "a.test/1": .file(picture(1), "X-Robots-Tag: noai"),
        "b.test/2": .init(
          fields: ["X-Robots-Tag: otherbot: noindex", "x-robots-tag: Dino: NoImageAI"],
          body: picture(2), more: (zeros, 0.001, .max)),
        "c.test/3": .file(picture(3), "X-Robots-Tag: otherbot: noai, noindex"),
        "d.test/4": .init(
          status: 302, fields: ["Location: http://c.test/3", "X-Robots-Tag: noimageindex"]),
      ]))
    let urls = ["a.test/1", "b.test/2", "c.test/3", "d.test/4"].map { "http://" + $0 }
    #expect(try setup.outcomes(urls) == [.forbidden: 3, .kept: 1])
    #expect(setup.files.count == 1 && setup.web.sent < 10 << 20)
    #expect(setup.web.asked.filter { $0 == "c.test/3" }.count == 1)
  }

  @Test("a host that forbids five of its images is left alone")
  func forbidding() throws {
    let setup = CrawlSetup(
      TinyWeb {
        $0.target == "/robots.txt" ? .status(404) : .file(picture(1), "X-Robots-Tag: noai")
      })
    setup.options.connectionsPerHost = 1
    setup.add((0..<100).map { "http://a.test/\($0)" } + ["http://b.test/1"])
    let progress = try setup.fetch()
    #expect(progress.outcomes == [.forbidden: 6])
    #expect((progress.waiting, progress.left) == (95, 95))
    #expect(setup.web.asked.filter { $0.hasPrefix("a.test") }.count == 6)
    let host = try setup.ledger.host("a.test")
    #expect(host.reason == "it forbids to take its images (X-Robots-Tag: noai, 5 times)")
    #expect(abs(host.pausedUntil - Clock.wall() - 86_400) < 60)
  }
}
