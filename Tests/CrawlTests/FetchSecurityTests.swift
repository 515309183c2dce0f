import Crawl
import Foundation
import Support
import TestSupport
import Testing

@Suite("Fetching safely", .serialized)
struct FetchSecurityTests {
  @Test("each redirect is judged as the address itself is")
  func redirects() throws {
    let other = TinyWeb([:])
    defer { other.stop() }
    let setup = CrawlSetup(
      TinyWeb([
        "a.test/ok": .redirect("http://b.test/x"), "b.test/x": .redirect("y"),
        "b.test/y": .file(picture(1)), "a.test/loop": .redirect("/loop"),
        "a.test/five/0": .redirect("1"), "a.test/five/1": .redirect("2"),
        "a.test/five/2": .redirect("3"), "a.test/five/3": .redirect("4"),
        "a.test/five/4": .redirect("5"), "a.test/five/5": .file(picture(2)),
        "a.test/six": .redirect("/five/0"), "a.test/file": .redirect("file:///etc/passwd"),
        "a.test/ftp": .redirect("ftp://a.test/x"), "a.test/user": .redirect("http://u:p@b.test/y"),
        "a.test/port": .redirect("http://b.test:22/y"), "a.test/none": .status(302),
        "a.test/denied": .redirect("http://x.denied.test/y"),
        "a.test/robots": .redirect("http://c.test/no"),
        "c.test/robots.txt": .text("User-agent: *\nDisallow: /no"),
        "a.test/local": .redirect("http://127.0.0.1:\(other.port)/x"),
        "a.test/name": .redirect("http://localhost:\(other.port)/x"),
        "a.test/large": .redirect("/huge"),
        "a.test/huge": .init(body: picture(3), length: 1 << 40),
      ]))
    setup.rules.deniedDomains = ["denied.test"]
    setup.rules.ports.insert(Int(other.port))
    let names = [
      "ok", "loop", "five/0", "six", "file", "ftp", "user", "port", "none", "denied", "robots",
      "local", "name", "large",
    ]
    #expect(
      try setup.outcomes(names.map { "http://a.test/" + $0 }) == [
        .kept: 2, .tooManyRedirects: 2, .badRedirect: 3, .againstRules: 2, .refused: 1,
        .disallowed: 1, .privateAddress: 2, .tooLarge: 1,
      ])
    #expect(other.log.isEmpty)
    #expect(setup.web.asked.filter { $0 == "a.test/loop" }.count == 6)
    #expect(!setup.web.asked.contains { $0.contains("denied") && !$0.hasPrefix("a.test") })
  }

  @Test("private addresses are not reached, however they are written, but by tests")
  func privateAddresses() throws {
    let setup = CrawlSetup(TinyWeb { _ in .file(picture(1)) })
    setup.rules.ports = [Int(setup.web.port)]
    let hosts = [
      "127.0.0.1", "localhost", "0x7f000001", "2130706433", "0177.0.0.1", "127.1", "0", "[::1]",
      "[::ffff:127.0.0.1]", "[0:0:0:0:0:ffff:7f00:1]",
    ]
    let urls = hosts.map { "http://\($0):\(setup.web.port)/\($0.count)" }
    setup.options.privateAccess = .none
    let links = Set(urls.compactMap { try? WebURL($0) })
    setup.add(urls)
    let progress = try setup.fetch()
    #expect(progress.outcomes == [.privateAddress: links.count] && setup.web.log.isEmpty)
    setup.ledger = try StoredLedger()
    setup.options.privateAccess = .all
    #expect(try setup.outcomes([urls[0]]) == [.kept: 1])
  }

  @Test("no proxy of the environment is used")
  func proxies() throws {
    let proxy = TinyWeb { _ in .file(picture(9)) }
    defer { proxy.stop() }
    let names = ["http_proxy", "https_proxy", "all_proxy", "ALL_PROXY", "HTTPS_PROXY"]
    for name in names { setenv(name, "http://127.0.0.1:\(proxy.port)", 1) }
    defer { for name in names { unsetenv(name) } }
    let setup = CrawlSetup(TinyWeb(["a.test/1": .file(picture(1))]))
    #expect(try setup.outcomes(["http://a.test/1"]) == [.kept: 1])
    #expect(proxy.log.isEmpty && setup.web.asked.count == 2)
  }

  @Test("a bad certificate is refused, and counted for its host")
  func certificates() throws {
    let setup = CrawlSetup(TinyWeb([:]))
    let (key, certificate) = (setup.folder.file("key.pem"), setup.folder.file("certificate.pem"))
    let made = try ChildProcess(
      "/usr/bin/env",
      [
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
        "/CN=tls.test", "-keyout", key, "-out", certificate,
      ], output: .file(setup.folder.file("log")))
    var status = made.ending()
    while status == nil {
      usleep(10_000)
      status = made.ending()
    }
    try #require(status == 0)
    let server = try ChildProcess(
      "/usr/bin/env",
      ["openssl", "s_server", "-accept", "127.0.0.1:0", "-key", key, "-cert", certificate, "-www"],
      output: .file(setup.folder.file("served")))
    defer { kill(server.pid, SIGKILL) }
    let log = setup.folder.file("served")
    var port: UInt16?
    for _ in 0..<6000 where port == nil {
      usleep(10_000)
      // It says `ACCEPT 127.0.0.1:PORT` and ends the line.
      let said = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      port =
        said.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        .compactMap { $0.hasPrefix("ACCEPT") ? $0.split(separator: ":").last : nil }
        .compactMap { UInt16($0) }.first
    }
    setup.options.privateAccess = .testWeb(["test": setup.web.port, "tls.test": try #require(port)])
    setup.add(["https://tls.test/1.png", "https://tls.test/2.png"])
    let progress = try setup.fetch()
    #expect(progress.outcomes == [.badCertificate: 2])
    #expect(progress.failing.map(\.name) == ["tls.test"])
    #expect(progress.failing.first?.badCertificates == 1)
    #expect(try String(contentsOfFile: log, encoding: .utf8).contains("GET") == false)
  }

  /// A name that no resolver looks up, since one of its parts is too long.
  private func unknown(_ number: Int) -> String {
    String(repeating: "x", count: 64) + ".host\(number).example"
  }

  @Test("a name that is not known ends its addresses")
  func unknownName() throws {
    let setup = CrawlSetup(TinyWeb(["a.test/1": .file(picture(1))]))
    let urls = (1...5).flatMap { ["http://\(unknown($0))/a", "http://\(unknown($0))/b"] }
    #expect(try setup.outcomes(urls + ["http://a.test/1"]) == [.unknownName: 10, .kept: 1])
  }

  @Test("if most of the first names cannot be looked up, the crawl ends and gives no address up")
  func resolverBroken() throws {
    let setup = CrawlSetup(TinyWeb { $0.target == "/1" ? .file(picture(1)) : .status(404) })
    setup.options.tries = 1
    setup.add((0..<20).map { "http://h\($0).test/1" })
    setup.add((0..<400).map { "http://\(unknown($0))/1" })
    let error = #expect(throws: CrawlError.self) { try setup.fetch() }
    #expect(error == .namesFail(failed: 200))
    #expect("\(try #require(error))".contains("/etc/resolv.conf"))
    #expect(try setup.ledger.counts()[.unknownName] == nil)
    #expect(try setup.ledger.waitingCounts(at: 0).all >= 400)
  }

  @Test("after enough names that are known, unknown ones end their addresses")
  func resolverSound() throws {
    let setup = CrawlSetup(TinyWeb { $0.target == "/1" ? .file(picture(1)) : .status(404) })
    setup.add((0..<100).flatMap { ["http://h\($0).test/1", "http://\(unknown($0))/1"] })
    setup.add(
      (100..<400).map { "http://h\($0).test/1" } + (100..<350).map { "http://\(unknown($0))/1" })
    #expect(try setup.fetch().outcomes == [.kept: 400, .unknownName: 350])
  }

  @Test("a host that refuses connections ends its addresses")
  func unreachable() throws {
    let setup = CrawlSetup(TinyWeb([:]))
    let closed = TinyWeb([:])
    closed.stop()
    usleep(50_000)
    setup.options.privateAccess = .testWeb(["test": closed.port])
    #expect(try setup.outcomes(["http://a.test/1", "http://a.test/2"]) == [.unreachable: 2])
  }

  @Test("a disk that cannot be written ends the crawl, and the address waits on")
  func disk() throws {
    let setup = CrawlSetup(TinyWeb(["a.test/1": .file(picture(1))]))
    setup.add(["http://a.test/1"])
    setup.folder.write("a file in the way", to: "in-the-way")
    #expect(throws: FileError.self) { try ImageStore(folder: setup.folder.file("in-the-way")) }
    let store = try ImageStore(folder: setup.folder.file("images"))
    try FileManager.default.removeItem(atPath: setup.folder.file("images"))
    let fetcher = Fetcher(
      options: setup.options, rules: try CrawlRules.Compiled(setup.rules), ledger: setup.ledger,
      store: store)
    #expect(throws: CrawlError.self) { try fetcher.run() }
    #expect(try setup.ledger.waitingCounts(at: 0).all == 1)
  }
}
