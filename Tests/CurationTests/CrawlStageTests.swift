import Crawl
import Crops
import Foundation
import Images
import Settings
import Support
import TestSupport
import Testing

import Curation

@Suite("Images that are fetched into a pool")
struct CrawlStageTests {
  private let test = TestPool()

  /// A web of three hosts with six pictures, two of them equal.
  private func web() throws -> TinyWeb {
    var files: [String: TinyWeb.Answer] = [:]
    for (number, place) in [
      "a.test/1.png", "a.test/2.png", "b.test/3.png", "b.test/4.png", "c.test/5.png",
    ].enumerated() {
      let path = test.folder.file("\(number).png")
      try test.picture(number).writePNG(path: path)
      files[place] = .file(bytes(of: path))
    }
    files["c.test/6.png"] = files["a.test/1.png"]
    files["b.test/robots.txt"] = .text("User-agent: *\nDisallow: /4")
    return TinyWeb(files)
  }

  private func plan(_ rest: String = "") throws -> CurationPlan {
    let urls = ["a.test/1.png", "a.test/2.png", "a.test/none.png", "b.test/3.png", "b.test/4.png"]
    test.folder.write(
      urls.map { "http://\($0)\n" }.joined() + "http://localhost/x.png\n", to: "urls.txt")
    test.folder.write(
      "<img src='http://c.test/5.png' alt='five'><img src=6.png>", to: "pages/one.html")
    let text = """
      crawl:
        sources: [urls.txt, pages]
        pages_url: http://c.test/
        contact: mailto:someone@example.org
        delay: 0
        tries: 1

      """
    return try CurationPlan.read(file: test.folder.write(text + rest, to: "plan.yaml"))
  }

  private func curate(_ plan: CurationPlan, _ web: TinyWeb) throws -> CurationContext {
    let context = try test.context(plan)
    context.privateAccess = .testWeb(["test": web.port])
    try Curation(context).run()
    return context
  }

  @Test("what pages and lists name is fetched, listed once, and told where it is from")
  func whole() throws {
    let web = try web()
    defer { web.stop() }
    let context = try curate(plan(), web)
    let images = try context.catalogue.images(keptAfter: nil)
    #expect(images.count == 4)
    let origins = try String(contentsOfFile: context.pool.crawlOrigins, encoding: .utf8)
    #expect(origins.contains(",http://c.test/5.png,http://c.test/one.html,five\n"))
    #expect(origins.split(separator: "\n").count == 6)
    let ledger = try StoredLedger(path: context.pool.ledger)
    #expect(
      try ledger.counts() == [.kept: 5, .notFound: 1, .disallowed: 1, .privateAddress: 1])
    #expect(try ledger.links(of: ledger.link(at: "http://c.test/6.png")!.file!).count == 2)
    #expect(!web.asked.contains("b.test/4.png"))
  }

  @Test("a second run asks for nothing; other rules read the sources anew and change the images")
  func again() throws {
    let web = try web()
    defer { web.stop() }
    do { _ = try curate(plan(), web) }
    let asked = web.log.count
    do { #expect(try curate(plan(), web).catalogue.count(keptAfter: nil) == 4) }
    #expect(web.log.count == asked)
    do {
      let context = try curate(plan("  denied_domains: [a.test]\n"), web)
      // What is equal to a picture of a.test is also at c.test.
      #expect(try context.catalogue.count(keptAfter: nil) == 3)
    }
    let error = #expect(throws: CatalogueError.self) {
      try curate(plan("  max_bytes: 100\n"), web)
    }
    #expect("\(error.map { "\($0)" } ?? "")".contains("no image was fetched"))
    do { #expect(try curate(plan(), web).catalogue.count(keptAfter: nil) == 4) }
    #expect(web.asked.count { $0 == "a.test/1.png" } == 1)
  }

  @Test("links that earlier rules refused are gathered once the rules let them through")
  func loosened() throws {
    let web = try web()
    defer { web.stop() }
    do {
      let context = try curate(plan("  denied_domains: [a.test]\n"), web)
      #expect(try context.catalogue.count(keptAfter: nil) == 3)
    }
    #expect(!web.asked.contains { $0.hasPrefix("a.test") })
    do { #expect(try curate(plan(), web).catalogue.count(keptAfter: nil) == 4) }
  }

  @Test("addresses that the rules refuse since they were gathered are not asked for")
  func refused() throws {
    let web = try web()
    defer { web.stop() }
    let ledger = try StoredLedger(path: test.folder.file("other.sqlite"))
    _ = try ledger.add([ImageLink(url: WebURL("http://a.test/1.png"))], of: "s", upTo: 1)
    var rules = CrawlRules()
    rules.deniedDomains = ["a.test"]
    let progress = try Fetcher(
      options: FetchOptions(), rules: CrawlRules.Compiled(rules), ledger: ledger,
      store: ImageStore(folder: test.folder.file("images"))
    ).run()
    #expect(progress.outcomes == [.againstRules: 1] && web.log.isEmpty)
  }

  @Test(
    "a plan that cannot be crawled is refused",
    arguments: [
      ("sources: [urls.txt]", "crawl.contact"),
      ("sources: [urls.txt], contact: a b", "crawl.contact"),
      ("sources: [urls.txt], contact: a@b, agent: 'a b'", "crawl.agent"),
      ("sources: [urls.txt], contact: a@b, denied_domains: ['http://a']", "crawl.denied_domains"),
      ("sources: [urls.txt], contact: a@b, pages_url: nowhere", "crawl.pages_url"),
      ("sources: [urls.txt], contact: a@b, min_bytes: 9, max_bytes: 8", "crawl.max_bytes"),
    ])
  func bad(keys: String, named: String) throws {
    let file = test.folder.write("crawl: {\(keys)}\n", to: "plan.yaml")
    let error = #expect(throws: SettingError.self) { try CurationPlan.read(file: file) }
    #expect(error?.key == named, "\(error.map { "\($0)" } ?? "")")
  }
}
