import Crawl
import Testing

@Suite("robots.txt and X-Robots-Tag")
struct RobotsTests {
  private func file(_ text: String, agent: String = "dino") -> RobotsFile {
    RobotsFile(Array(text.utf8), agent: agent)
  }

  /// Rules, a path, and whether it is allowed. Those of RFC 9309 (2.2.2, 2.2.3, 5.2) are among them.
  private static let cases: [(String, String, Bool)] = [
    ("Disallow: /", "/x", false), ("Disallow:", "/x", true), ("", "/x", true),
    ("Disallow: /a", "/a", false), ("Disallow: /a", "/ab?c", false), ("Disallow: /a", "/A", true),
    ("Disallow: /a", "/b/a", true), ("Allow: /a\nDisallow: /", "/ab", true),
    ("Allow: /p\nDisallow: /p", "/p", true), ("Disallow: /p\nAllow: /p", "/p", true),
    ("Allow: /folder\nDisallow: /folder/x", "/folder/x.png", false),
    ("Allow: /page\nDisallow: /*.htm", "/page.htm", false),
    ("Allow: /$\nDisallow: /", "/", true), ("Allow: /$\nDisallow: /", "/x", false),
    ("Disallow: *.gif$", "/x.gif", false), ("Disallow: *.gif$", "/x.gif?y", true),
    ("Disallow: /*.gif$", "/x.gif.gif", false), ("Disallow: /a*c*e$", "/abcde", false),
    ("Disallow: /a*c*e$", "/abcdef", true), ("Disallow: /a*a$", "/a", true),
    ("Disallow: /a***b", "/axxb1", false), ("Disallow: /*$", "/any", false),
    ("Disallow: /fish*", "/fish", false), ("Disallow: /$x", "/$x", false),
    ("Disallow: /ű", "/%C5%B1.png", false), ("Disallow: /%c5%b1", "/%C5%B1", false),
    ("Disallow: /a%3Cd", "/a%3cd.html", false), ("Disallow: /%7Ejoe", "/~joe", false),
    ("Disallow: /a%2Fb", "/a/b", true), ("Disallow: /x # why", "/x", false),
    ("Disallow : /x", "/x", false), ("disALLOW:/x", "/x", false), ("Disallow /x", "/x", true),
    ("Disallow: /", "/robots.txt", true), ("Sitemap: /\nDisallow: /x", "/x", false),
  ]

  @Test("the longest match decides, and on a tie what allows", arguments: cases)
  func rules(_ rules: String, _ path: String, _ allowed: Bool) {
    for end in ["\n", "\r", "\r\n"] {
      let text = "User-agent: *\n" + rules + "\n"
      #expect(file(text.replacing("\n", with: end)).allows(path) == allowed)
    }
  }

  @Test("what is said to us counts before what is said to all, and groups of one name are joined")
  func groups() {
    let text = """
      \u{FEFF}User-agent: *
      Disallow: /all
      Crawl-delay: 7

      User-agent: other
      User-agent: DINO/1.0
      Disallow: /ours
      Crawl-delay: 2.5
      User-agent: third
      Disallow: /third
      user-agent: dino
      Disallow: /more
      """
    let ours = file(text)
    #expect(["/all", "/third"].allSatisfy(ours.allows))
    #expect(!["/ours", "/more"].contains(where: ours.allows))
    #expect(ours.crawlDelay == 2.5)
    let others = file(text, agent: "nobody")
    #expect(!others.allows("/all") && others.allows("/ours") && others.crawlDelay == 7)
    #expect(file("User-agent: dinosaur\nDisallow: /").allows("/x"))
    // A group for us that says nothing allows all.
    #expect(file("User-agent: *\nDisallow: /\nUser-agent: dino\n").allows("/x"))
  }

  @Test("delays that are none are passed over, and long ones are cut")
  func delays() {
    for (text, seconds) in [
      ("3", 3.0), ("0", 0), ("99999", 3600), ("-1", nil), ("x", nil), ("nan", nil), ("inf", 3600),
    ] as [(String, Double?)] {
      #expect(file("User-agent: *\nCrawl-delay: \(text)").crawlDelay == seconds)
    }
  }

  @Test("500 KiB of a file are read, and no more")
  func size() {
    let rule = "User-agent: *\nDisallow: /x\n"
    let most = RobotsFile.mostBytes
    let filler = String(repeating: "#\n", count: (most - rule.utf8.count) / 2)
    #expect(!file(filler + rule).allows("/x"))
    #expect(file(filler + "####################" + rule).allows("/x"))
  }

  @Test("hostile patterns take time in proportion to their length")
  func hostile() {
    let stars = "Disallow: /" + String(repeating: "*a", count: 2000) + "*b$\n"
    let robots = file("User-agent: *\n" + String(repeating: stars, count: 120))
    let path = "/" + String(repeating: "a", count: 8000)
    var isAllowed = false
    let took = ContinuousClock().measure { isAllowed = robots.allows(path) }
    #expect(isAllowed && took < .seconds(5))
  }

  /// Values of `X-Robots-Tag`, and the word of them that forbids.
  private static let tags: [([String], String?)] = [
    ([], nil), (["all"], nil), (["noai"], "noai"), (["NoAI"], "noai"),
    (["nofollow, noimageai"], "noimageai"), (["noindex"], "noindex"),
    (["noimageindex"], "noimageindex"), (["none"], "none"), (["noarchive", "noai"], "noai"),
    (["dino: noai"], "noai"), (["DINO : noai"], "noai"), (["otherbot: noai"], nil),
    (["otherbot: noai, noindex"], nil), (["otherbot: noai, dino: noimageai"], "noimageai"),
    (["otherbot: nofollow", "noindex"], "noindex"), (["*: noai"], "noai"),
    (["unavailable_after: 25 Jun 2010 15:00:00 PST, noai"], "noai"),
    (["max-snippet:-1, noindex"], "noindex"), (["noaix", "xnoai"], nil), ([",,:,"], nil),
  ]

  @Test("a header forbids to all, or to us", arguments: tags)
  func header(_ values: [String], _ word: String?) {
    #expect(RobotsTag.refusal(values, agent: "Dino") == word)
  }

  @Test("rules refuse by scheme, port, domain and path, and domains are matched by their labels")
  func crawlRules() throws {
    var rules = CrawlRules()
    rules.schemes = ["https"]
    rules.allowedDomains = ["example.org", "*.Bücher.de"]
    rules.deniedDomains = ["bad.example.org."]
    rules.deniedPaths = ["*/thumb/*", "*.svg"]
    rules.allowedPaths = ["/i*"]
    let compiled = try CrawlRules.Compiled(rules)
    for (url, rule) in [
      ("https://example.org/i/a.png", nil), ("https://a.b.example.org/img", nil),
      ("https://bücher.de/i", nil), ("http://example.org/i", "scheme http"),
      ("https://example.org:80/i", nil), ("https://example.org:8080/i", "port 8080"),
      ("https://bad.example.org/i", "a denied domain"),
      ("https://x.bad.example.org./i", "a denied domain"),
      ("https://notexample.org/i", "no allowed domain"), ("https://org/i", "no allowed domain"),
      ("https://example.org/i/thumb/a.png", "a denied path"),
      ("https://example.org/I/a.SVG?x", "a denied path"),
      ("https://example.org/x", "no allowed path"),
    ] as [(String, String?)] {
      #expect(compiled.refusal(of: try WebURL(url)) == rule, "\(url)")
    }
    rules.deniedDomains = ["http://a"]
    let error = #expect(throws: RuleError.self) { try CrawlRules.Compiled(rules) }
    #expect(error?.domain == "http://a")
  }
}
