import Crawl
import Support
import TestSupport
import Testing

@Suite("Fetching images", .serialized)
struct FetchTests {
  @Test("an image is kept once under the checksum of its bytes, with nothing else beside it")
  func kept() throws {
    let setup = CrawlSetup(
      TinyWeb(["a.test/1.png": .file(picture(1)), "b.test/2.png": .file(picture(1))]))
    #expect(try setup.outcomes(["http://a.test/1.png", "http://b.test/2.png"]) == [.kept: 2])
    let kept = try (setup.ledger as! StoredLedger).keptImages()
    #expect(kept.map(\.url) == ["http://a.test/1.png", "http://b.test/2.png"])
    #expect(Set(kept.map(\.image)).count == 1)
    #expect(setup.files == [kept[0].image.file])
    #expect(bytes(of: setup.folder.file("images/\(kept[0].image.file)")) == picture(1))
    // `xxhsum -H2` of the same bytes.
    #expect(kept[0].image.file.hasSuffix("/\(kept[0].image.hash).png"))
    #expect(kept[0].image.hash.count == 32)
  }

  @Test("requests name the agent, and carry no cookie, no referrer and no accepted encoding")
  func request() throws {
    let setup = CrawlSetup(TinyWeb(["a.test/1.png": .file(picture(1), "Set-Cookie: a=b")]))
    setup.options.contact = "https://example.org/crawl"
    _ = try setup.outcomes(["http://a.test/1.png"])
    let lines = setup.web.log.flatMap {
      $0.header.split(whereSeparator: \.isNewline).map(String.init)
    }
    #expect(
      lines.filter { $0.hasPrefix("GET") } == [
        "GET /robots.txt HTTP/1.1", "GET /1.png HTTP/1.1",
      ])
    let agent = "User-Agent: dino/\(Version.current) (+https://example.org/crawl)"
    #expect(
      Set(lines).subtracting(lines.filter { $0.hasPrefix("GET") }) == [
        "Host: a.test", "Accept: */*", agent,
      ])
  }

  @Test("each address ends as its server answers")
  func answers() throws {
    let web = TinyWeb([
      "a.test/ok.png": .file(picture(1)), "a.test/page": .text("<html>not an image at all</html>"),
      "a.test/short": .text("GIF"), "a.test/empty": .text(""), "a.test/410": .status(410),
      "a.test/403": .status(403), "a.test/204": .status(204), "a.test/500": .status(500),
      "a.test/429": .status(429, "Retry-After: 0"), "a.test/304": .status(304),
      "a.test/gzip": .file([0x1F, 0x8B, 8] + picture(2), "Content-Encoding: gzip"),
      "a.test/small.png": .file(picture(3, bytes: 40)),
    ])
    let setup = CrawlSetup(web)
    setup.rules.bytes = 100...10_000
    let names = [
      "ok.png", "page", "short", "empty", "410", "403", "204", "500", "429", "304", "gzip",
      "small.png", "none",
    ]
    #expect(
      try setup.outcomes(names.map { "http://a.test/\($0)" }) == [
        .kept: 1, .notAnImage: 4, .notFound: 2, .refused: 3, .serverError: 1, .tooManyRequests: 1,
        .tooSmall: 1,
      ])
    // Three tries of those that may pass, and one of all others.
    #expect(web.asked.count == 1 + 11 + 3 + 3)
    #expect(setup.files.count == 1)
  }

  @Test("a body that has no end, or is larger than is kept, ends at the limit")
  func large() throws {
    let zeros = [UInt8](repeating: 0, count: 1 << 16)
    let web = TinyWeb([
      "a.test/endless": .init(body: picture(1), more: (zeros, 0, .max)),
      "a.test/chunked": .init(
        fields: ["Transfer-Encoding: chunked"],
        body: Array("c8\r\n".utf8) + picture(1) + Array("\r\n".utf8),
        more: (Array("10000\r\n".utf8) + zeros + Array("\r\n".utf8), 0, .max)),
      "b.test/10GB": .init(
        body: picture(1), length: 10_000_000_000, more: (zeros, 0, .max)),
      "b.test/limit": .file(picture(1, bytes: 1_000_000)),
      "b.test/above": .init(body: picture(1, bytes: 1_000_001), length: -1, more: ([], 0, 0)),
    ])
    let setup = CrawlSetup(web)
    setup.rules.bytes = 1...1_000_000
    let urls = ["a.test/endless", "a.test/chunked", "b.test/10GB", "b.test/limit", "b.test/above"]
    setup.add(urls.map { "http://" + $0 })
    var outcomes: [FetchOutcome: Int] = [:]
    let taken = try bytesTaken { outcomes = try setup.fetch().outcomes }
    #expect(outcomes == [.tooLarge: 4, .kept: 1])
    #expect(taken < 4 << 20)
    #expect(setup.files.count == 1)
    // Sockets hold some megabytes that nobody reads.
    #expect(web.sent < 40 << 20)
  }

  @Test("a body that is shorter than was said is tried again, and is not kept")
  func lyingLength() throws {
    let web = TinyWeb([
      "a.test/1": .init(body: picture(1), length: 300), "a.test/2": .init(body: [1, 2], length: 9),
    ])
    let setup = CrawlSetup(web)
    #expect(try setup.outcomes(["http://a.test/1", "http://a.test/2"]) == [.incomplete: 2])
    #expect(web.asked.filter { $0 == "a.test/1" }.count == 3)
    #expect(setup.files == [])
  }

  @Test("a body that comes too slowly, and an answer that does not come, end in time")
  func slow() throws {
    let web = TinyWeb([
      "a.test/slow": .init(body: picture(1), more: ([0], 0.1, 1000)),
      "b.test/silent": .init(body: picture(1), after: 20),
    ])
    let setup = CrawlSetup(web)
    (setup.options.tries, setup.options.seconds) = (1, 4)
    let began = Clock.monotonic()
    #expect(
      try setup.outcomes(["http://a.test/slow", "http://b.test/silent"]) == [.timedOut: 2])
    #expect(Clock.monotonic() - began < 12)
    #expect(setup.files == [])
  }

  @Test("a failure that passes is tried again after the time that the server says")
  func retries() throws {
    let setup = CrawlSetup(
      TinyWeb { request in
        switch (request.target, request.before) {
        case ("/busy", 0): .status(429, "Retry-After: 1")
        case ("/down", 0...1): .status(503)
        case ("/busy", _), ("/down", _): .file(picture(request.target.count))
        default: .status(404)
        }
      })
    setup.add(["http://a.test/busy", "http://b.test/down"])
    #expect(try setup.fetch().outcomes == [.kept: 2])
    let times = setup.web.log.filter { $0.target == "/busy" }.map(\.time)
    #expect(times.count == 2 && times[1] - times[0] >= 0.99)
    #expect(setup.web.asked.filter { $0 == "b.test/down" }.count == 3)
  }

  @Test("a host that asks to wait for long is left for a later run, and nothing of it is lost")
  func leftForLater() throws {
    let setup = CrawlSetup(
      TinyWeb {
        $0.target == "/robots.txt" ? .status(404) : .status(503, "Retry-After: 5000")
      })
    let progress = try {
      setup.add((1...9).map { "http://a.test/\($0)" })
      return try setup.fetch()
    }()
    #expect((progress.waiting, progress.left, progress.ended) == (9, 9, 0))
    #expect(try setup.ledger.host("a.test").reason == "it asks to wait (status 503)")
    let until = try setup.ledger.host("a.test").pausedUntil - Clock.wall()
    #expect(abs(until - 5000) < 60)
    let again = try setup.fetch()
    #expect((again.waiting, again.left, again.requests) == (9, 9, 0))
    // Two were under way at once, beside the robots.txt.
    #expect(setup.web.asked.count <= 3)
  }

  @Test("a host at which one image after the other fails is left alone")
  func failing() throws {
    let setup = CrawlSetup(
      TinyWeb { $0.target == "/robots.txt" ? .status(404) : .status(500) })
    (setup.options.tries, setup.options.mostFailures) = (1, 5)
    setup.add((1...50).map { "http://a.test/\($0)" })
    let progress = try setup.fetch()
    // One more was under way.
    #expect((5...6).contains(progress.outcomes[.serverError] ?? 0))
    #expect(progress.left == progress.waiting && progress.waiting == 50 - progress.ended)
    #expect(progress.failing.map(\.name) == ["a.test"])
    #expect(progress.failing.first?.reason.hasPrefix("5 in a row failed: status 500") == true)
  }
}
