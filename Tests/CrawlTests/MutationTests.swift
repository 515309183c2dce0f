import Crawl
import Support
import TestSupport
import Testing

@Suite("Damaged pages, archives and rules", .serialized)
struct MutationTests {
  private let folder = TemporaryFolder()

  private static let html = """
    <!doctype html><html><head><meta charset=utf-8><base href="http://a.org/d/">
    <meta name="robots" content="max-snippet:1"><style>img{}</style></head><body><!-- c -->
    <img src="a.png?x=1&amp;y=&#50;" alt='A &eacute;' srcset="b.png 100w, c.png 2x,d.png">
    <picture><source type=image/jpeg srcset="e 1x, f 2x"><img data-src=g></picture>
    <script>if (a<b) "</scr"</script><IMG SRC=//b.org:80/%7e/../h.png></body></html>
    """

  @Test("a damaged page gives images or none")
  func page() throws {
    let base = try WebURL("http://a.org/")
    let sjis =
      Array("<meta charset=shift_jis><img alt='".utf8) + [0x93, 0xFA] + Array("' src=a>".utf8)
    let problems = Mutations.problems(
      "page", [Array(Self.html.utf8), sjis], megabytes: 16, accepted: 1...1
    ) { bytes, _ in
      let page = PageImages(bytes, at: base, agent: "dino")
      for image in page.images { try expectSound(image.url) }
    }
    #expect(problems == [])
  }

  /// Throws if an address is not its own canonical spelling.
  private func expectSound(_ url: WebURL) throws {
    guard let again = try? WebURL(url.description), again == url else {
      throw MutationRefusal(PrintableText.line("is no sound address: \(url)", limit: 300))
    }
  }

  @Test("a damaged archive gives the responses that can be read")
  func archive() {
    let records = [
      ArchiveBuilder.info,
      ArchiveBuilder.response("http://a.org/1", Self.html, "X-Robots-Tag: all"),
      ArchiveBuilder.record(
        "response", "http://a.org/2",
        ArchiveBuilder.http(gzip(Array(Self.html.utf8)), ["Content-Encoding: gzip"])),
      ArchiveBuilder.record(
        "response", "http://a.org/3",
        ArchiveBuilder.http(
          Array("1a\r\n<img src=http://b.org/x.g>\r\n0\r\n\r\n".utf8),
          ["Transfer-Encoding: chunked"])),
    ]
    let sound = [Array(records.joined()), Array(records.map { gzip($0) }.joined())]
    let problems = Mutations.problems("warc", sound, megabytes: 16, accepted: 1...1) { bytes, _ in
      let path = folder.overwrite("damaged.warc", with: bytes)
      var counts = LinkCounts()
      try ArchiveLinks(path: path, agent: "dino").read(from: 0, counts: &counts) {
        (_, position) throws(FileError) in
        if position > bytes.count {
          throw FileError(file: path, what: "a position behind the end", remedy: "mend the reader")
        }
        return true
      }
    }
    #expect(problems == [])
  }

  @Test("a damaged robots.txt, and a damaged header, allow or forbid")
  func robots() {
    let text = """
      User-agent: *\r
      Disallow: /a*b$
      Allow: /a%2fb # x
      Crawl-delay: 1.5
      User-agent: dino/2
      Disallow: /*.gif$
      noai, dino: noimageai, unavailable_after: x, otherbot: none
      """
    let problems = Mutations.problems(
      "robots", [Array(text.utf8)], as: .text, megabytes: 16, accepted: 1...1
    ) { bytes, _ in
      let file = RobotsFile(bytes, agent: "dino")
      _ = ["/a/b", "/axb", "/x.gif", "/"].map(file.allows)
      _ = RobotsTag.refusal([String(decoding: bytes, as: UTF8.self)], agent: "dino")
      _ = HTTPHeader(bytes).status
    }
    #expect(problems == [])
  }

  @Test("a damaged address is refused, or is sound")
  func address() throws {
    let base = try WebURL("https://b.org/p/q?r")
    let texts = [
      "http://münchen.DE.:8080/a/./b/../%2e%2e/c d?e=f#g", "//1.0x2.3/a\\b",
      "x/../../y;z?'\"<",
      "http://[::ffff:1.2.3.4]:443/", "https:rel", "http://例え.テスト/é",
    ]
    let problems = Mutations.problems(
      "address", texts.map { Array($0.utf8) }, megabytes: 16, accepted: 0.3...0.95
    ) { bytes, _ in
      try expectSound(try WebURL(String(decoding: bytes, as: UTF8.self), base: base))
    }
    #expect(problems == [])
  }

  @Test("a damaged list of addresses is refused, or is read")
  func list() {
    let csv = "url,alt,page\r\nhttp://a.org/1,\"a, \"\"b\"\"\",http://a.org/\nhttp://b.org/2,,\n"
    let text = "# comment\nhttp://a.org/1\n\n  http://b.org/2 \r\nnothing\n"
    for (name, sound) in [("urls.csv", csv), ("urls.txt", text)] {
      let problems = Mutations.problems(
        name.replacing(".", with: "-"), [Array(sound.utf8)], as: .text, megabytes: 16,
        accepted: 0.3...1
      ) { bytes, _ in
        let list = URLList(path: folder.overwrite(name, with: bytes))
        var counts = LinkCounts()
        try list.read(from: 0, counts: &counts) { (_, _) throws(FileError) in true }
      }
      #expect(problems == [])
    }
  }
}
