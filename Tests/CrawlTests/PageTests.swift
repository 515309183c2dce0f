import Crawl
import Support
import Testing

@Suite("Images of pages")
struct PageTests {
  private func page(_ html: String, at url: String = "http://a.org/d/p.html") throws -> PageImages {
    PageImages(Array(html.utf8), at: try WebURL(url), agent: "dino")
  }

  /// Pages, and the paths of their images below `http://a.org`.
  private static let cases: [(String, [String])] = [
    ("<img src=x.png>", ["/d/x.png"]), ("<IMG SRC='x.png'/>", ["/d/x.png"]),
    ("<img\nalt=a\tsrc = \"x.png\" >", ["/d/x.png"]), ("<img src=x.png", []),
    ("<img src=\"x.png>", []), ("<img alt='>' src=x.png>", ["/d/x.png"]),
    ("<img src=a src=b>", ["/d/a"]), ("<img/src=/a/>", ["/a/"]), ("<img src>", []),
    ("<img =src=a src=b>", ["/d/b"]), ("<img src=a><img src=a><img src=./a>", ["/d/a"]),
    ("<img src='?a=1&amp;b=2&copy=3&#38;c&#x3D;4'>", ["/d/p.html?a=1&b=2&copy=3&c=4"]),
    ("<img src='&eacute&Eacute;&notit;&lang;'>", ["/d/%C3%A9%C3%89&notit;%E2%8C%A9"]),
    ("<img src=' x.png '><img src=''><img src=' '>", ["/d/x.png", "/d/p.html"]),
    ("<!-- <img src=a> --><img src=b>", ["/d/b"]), ("<!--><img src=a>", ["/d/a"]),
    ("<!---><img src=a>", ["/d/a"]), ("<!-- --!><img src=a>", ["/d/a"]),
    ("<!-- > <img src=a> -- > <img src=b>", []), ("<!doctype html><img src=a>", ["/d/a"]),
    ("<?php <img src=a>?><img src=b>", ["/d/b"]), ("</ <img src=a><img src=b>", ["/d/b"]),
    ("a < b <img src=a>", ["/d/a"]), ("<<img src=a>", ["/d/a"]), ("<imgx src=a><img-b src=c>", []),
    ("<script>'<img src=a>'</scriptx></script ><img src=b>", ["/d/b"]),
    ("<STYLE><img src=a></style><img src=b>", ["/d/b"]), ("<script><img src=a>", []),
    ("<textarea><img src=a></textarea><title><img src=b></title><img src=c>", ["/d/c"]),
    ("<noscript><img src=a></noscript>", ["/d/a"]), ("<plaintext><img src=a>", []),
    ("<script/><img src=a></script><img src=b>", ["/d/b"]),
    ("<base href='/x/'><img src=a>", ["/x/a"]), ("<img src=a><base href='/x/'>", ["/x/a"]),
    ("<base href='/x/'><base href='/y/'><img src=a>", ["/x/a"]),
    ("<base target=_top><base href=/y/><img src=a>", ["/y/a"]),
    ("<base href='data:,'><img src=a>", ["/d/a"]),
    ("<img src=s srcset='a 1x, b 2x, c 1.5x'>", ["/d/b"]),
    ("<img src=s srcset='a 100w, b 300w , c 200w'>", ["/d/b"]),
    ("<img srcset='a,b,  c?x=1,2 3x,d'>", ["/d/c?x=1,2"]), ("<img srcset='a, b'>", ["/d/a"]),
    ("<img srcset='a 2x 100w, b (x, 9x) , c zx, d 1w'>", ["/d/a"]),
    ("<img srcset='data:image/png,xx 9x, b 1x' src=c>", ["/d/b"]), ("<img srcset=',, ,'>", []),
    ("<img src=placeholder data-src=real>", ["/d/real"]), ("<img data-src='' src=a>", ["/d/a"]),
    ("<img src='data:image/gif,xx' data-srcset='a 1x,b 2x'>", ["/d/b"]),
    ("<picture><source srcset='l 900w, m 500w'><img src=s></picture>", ["/d/l"]),
    ("<picture><source srcset='l.avif 900w' type=image/avif><img src=s></picture>", ["/d/s"]),
    (
      "<picture><source type='image/jpeg' srcset='l'><img src=s></picture><img src=t>",
      ["/d/l", "/d/t"]
    ),
    ("<picture><source srcset=l><img src=s><img src=t></picture>", ["/d/l", "/d/t"]),
    ("<video><source srcset=v src=w></video><img src=t>", ["/d/t"]),
    ("<img src='http://b.org/x'><img src='//c.org/y'>", ["http://b.org/x", "http://c.org/y"]),
  ]

  @Test("a page's images are found, each with its largest version", arguments: cases)
  func images(_ html: String, _ paths: [String]) throws {
    let expected = paths.map { $0.hasPrefix("/") ? "http://a.org" + $0 : $0 }
    #expect(try page(html).images.map(\.url.description) == expected)
  }

  @Test("alternative texts are kept on one line")
  func alt() throws {
    let images = try page(
      "<img src=a alt='A &lt;cat&gt;\n  on\ta mat'><img src=b><img alt=\(String(repeating: "x", count: 5000)) src=c>"
    ).images
    #expect(images.map(\.alt) == ["A <cat> on a mat", "", String(repeating: "x", count: 1024)])
  }

  @Test("images without an address that can be fetched are counted")
  func unusable() throws {
    let found = try page("<img src='data:,'><img src='ftp://a/'><img><img src=a>")
    #expect(found.unusable == 2 && found.images.count == 1)
    #expect(
      PageImages(Array("<img src=a><img src=http://b/>".utf8), at: nil, agent: "dino")
        .images.map(\.url.host) == ["b"])
  }

  @Test("a page that asks not to take its images says so in its head")
  func refusal() throws {
    for (html, word) in [
      ("<meta name=robots content='noai, noimageai'>", "noai"),
      ("<META NAME='Dino' CONTENT='NoImageIndex'>", "noimageindex"),
      ("<meta name=otherbot content=noai>", nil),
      ("<meta name=robots content='max-snippet:1'>", nil),
      ("<!--<meta name=robots content=noai>-->", nil),
    ] as [(String, String?)] {
      #expect(try page(html).refusal == word)
    }
  }

  /// A page in some encodings; its image is called é.
  private static let encodings: [(head: String, charset: String?, name: [UInt8])] = [
    ("", nil, [0xC3, 0xA9]), ("", nil, [0xE9]), ("", "utf-8", [0xC3, 0xA9]),
    ("", "ISO-8859-1", [0xE9]), ("", "nonsense", [0xC3, 0xA9]), ("", "../../x", [0xE9]),
    ("<meta charset=iso-8859-2>", nil, [0xE9]),
    ("<meta http-equiv=content-type content='text/html; charset=windows-1252'>", nil, [0xE9]),
    ("<?xml version='1.0' encoding='ISO-8859-15'?>", nil, [0xE9]),
    ("<meta charset=utf-16>", nil, [0xC3, 0xA9]),
    ("<meta charset=iso-8859-1>", "utf-8", [0xC3, 0xA9]),
    ("\u{FEFF}<meta charset=koi8-r>", "big5", [0xC3, 0xA9]),
  ]

  @Test("pages are read in the encoding that they have")
  func encodings() throws {
    for (head, charset, name) in Self.encodings {
      let html = Array(head.utf8) + Array("<img src=".utf8) + name + Array(">".utf8)
      let page = PageImages(html, at: try WebURL("http://a.org/"), charset: charset, agent: "dino")
      #expect(page.images.map(\.url.path) == ["/%C3%A9"], "\(head) \(charset ?? "")")
    }
    let sjis =
      Array("<meta charset=Shift_JIS><img alt='".utf8) + [0x93, 0xFA, 0x96, 0x7B, 0xFF]
      + Array("' src=a>".utf8)
    #expect(
      PageImages(sjis, at: try WebURL("http://a/"), agent: "").images.map(\.alt) == ["日本\u{FFFD}"])
    for (mark, isBig) in [([0xFF, 0xFE], false), ([0xFE, 0xFF], true)] as [([UInt8], Bool)] {
      let wide = "<img src=é>".utf16.flatMap { unit -> [UInt8] in
        let pair = [UInt8(unit >> 8), UInt8(unit & 255)]
        return isBig ? pair : pair.reversed()
      }
      let page = PageImages(mark + wide, at: try WebURL("http://a/"), agent: "")
      #expect(page.images.map(\.url.path) == ["/%C3%A9"])
    }
  }

  @Test("4 MiB of a page are read, and 10,000 of its images")
  func limits() throws {
    let many = try page((0..<10_001).map { "<img src=\($0)>" }.joined())
    #expect(many.images.count == 10_000 && many.isCut)
    let filler = String(repeating: " ", count: PageImages.mostBytes - 10)
    let long = try page(filler + "<img src=a><img src=b>")
    #expect(long.images.isEmpty && long.isCut)
    let whole = try page(String(filler.dropLast(1)) + "<img src=a>")
    #expect(whole.images.count == 1 && !whole.isCut)
  }

  /// What makes slow parsers slow.
  private static let hostile = [
    "<div>", "<table><tr><td>", "<b><i><a>", "<", "<!--", "<!", "</", "<img ", "<img src=", "&",
    "&#",
    "<script>", "</script", "<script></scrip", "<picture>", "<source srcset='a 1x'>", "<a b=\"",
    "'",
    "<img srcset='", "<img a ", "=", "<img src='&amp", "<base href=x>", "-->", "<!-- --", "a,",
    "a 1x,",
  ]

  @Test("a page of half a megabyte of any kind is read without delay", arguments: hostile)
  func linear(_ piece: String) throws {
    let clock = ContinuousClock()
    for start in ["", "<img srcset='", "<picture>", "<!--", "<script>", "<img "] {
      let html = start + String(repeating: piece, count: (1 << 19) / piece.utf8.count)
      let took = try clock.measure { _ = try page(html) }
      #expect(took < .seconds(10), "\(start)\(piece): \(took)")
    }
  }
}
