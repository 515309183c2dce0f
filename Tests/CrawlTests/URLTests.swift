import Crawl
import Testing

@Suite("Addresses")
struct URLTests {
  /// The address of a reference; what is wrong with it if it is none.
  private func resolved(_ reference: String, _ base: String) -> String {
    do throws(URLProblem) {
      return try WebURL(reference, base: WebURL(base)).description
    } catch {
      return "\(error)"
    }
  }

  /// RFC 3986, 5.4.1 and 5.4.2, without the fragments. `http:g` is as parsers for compatibility have
  /// it, and `g:h` is of a scheme that is not fetched.
  private static let rfc: [(String, String)] = [
    ("g:h", "the scheme g, where http or https is needed"), ("g", "http://a/b/c/g"),
    ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"), ("/g", "http://a/g"),
    ("//g", "http://g/"), ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"),
    ("#s", "http://a/b/c/d;p?q"), ("g#s", "http://a/b/c/g"), ("g?y#s", "http://a/b/c/g?y"),
    (";x", "http://a/b/c/;x"), ("g;x", "http://a/b/c/g;x"), ("g;x?y#s", "http://a/b/c/g;x?y"),
    ("", "http://a/b/c/d;p?q"), (".", "http://a/b/c/"), ("./", "http://a/b/c/"),
    ("..", "http://a/b/"), ("../", "http://a/b/"), ("../g", "http://a/b/g"),
    ("../..", "http://a/"), ("../../", "http://a/"), ("../../g", "http://a/g"),
    ("../../../g", "http://a/g"), ("../../../../g", "http://a/g"), ("/./g", "http://a/g"),
    ("/../g", "http://a/g"), ("g.", "http://a/b/c/g."), (".g", "http://a/b/c/.g"),
    ("g..", "http://a/b/c/g.."), ("..g", "http://a/b/c/..g"), ("./../g", "http://a/b/g"),
    ("./g/.", "http://a/b/c/g/"), ("g/./h", "http://a/b/c/g/h"), ("g/../h", "http://a/b/c/h"),
    ("g;x=1/./y", "http://a/b/c/g;x=1/y"), ("g;x=1/../y", "http://a/b/c/y"),
    ("g?y/./x", "http://a/b/c/g?y/./x"), ("g?y/../x", "http://a/b/c/g?y/../x"),
    ("g#s/./x", "http://a/b/c/g"), ("g#s/../x", "http://a/b/c/g"), ("http:g", "http://a/b/c/g"),
  ]

  @Test("references resolve as in RFC 3986, section 5.4", arguments: rfc)
  func references(_ reference: String, _ expected: String) {
    #expect(resolved(reference, "http://a/b/c/d;p?q") == expected)
  }

  /// What browsers make of addresses, by url.spec.whatwg.org.
  private static let whatwg: [(String, String)] = [
    ("  \thttp://EXAMPLE.org/\n a\u{7}", "http://example.org/%20a"),
    ("ht\ntp://exa\tmple.org/x", "http://example.org/x"),
    ("http:\\\\example.org\\a\\..\\b", "http://example.org/b"),
    ("https:example.org/a", "https://example.org/a"), ("http:////b//c", "http://b//c"),
    ("\\\\g\\x", "http://g/x"), ("http://a:80/", "http://a/"), ("https://a:443", "https://a/"),
    ("https://a:80/", "https://a:80/"), ("http://a:/x", "http://a/x"),
    ("http://a:65536/", "an address without a valid port"),
    ("http://a:8x/", "an address without a valid port"),
    ("/a b\"<>`{}^é|'[]", "http://base.org/a%20b%22%3C%3E%60%7B%7D%5E%C3%A9|'[]"),
    ("?a b\"<>'é`{|}", "http://base.org/p/q?a%20b%22%3C%3E%27%C3%A9`{|}"),
    ("%7e%zz%", "http://base.org/p/%7e%zz%"), ("a/%2e%2E/b", "http://base.org/p/b"),
    ("a/%2e/", "http://base.org/p/a/"), ("...", "http://base.org/p/..."),
    ("http://user:pass@a/", "an address with a user's name or password"),
    ("http://user@a/", "an address with a user's name or password"),
    ("//a@b/x", "an address with a user's name or password"), ("/a@b", "http://base.org/a@b"),
    ("http://", "an address without a valid host"), ("http:///", "an address without a valid host"),
    ("http://a b/", "an address without a valid host"),
    ("http://a%00b/", "an address without a valid host"),
    ("http://a..b/", "an address without a valid host"),
    ("http://ex%41mple.org/", "http://example.org/"),
    ("http://example.org./", "http://example.org/"),
    ("http://münchen.de/ü", "http://xn--mnchen-3ya.de/%C3%BC"),
    ("http://MÜNCHEN.de", "http://xn--mnchen-3ya.de/"),
    ("http://例え.テスト/", "http://xn--r8jz45g.xn--zckzah/"),
    ("http://ｇｏ。org", "http://go.org/"), ("http://0x7f000001/", "http://127.0.0.1/"),
    ("http://2130706433/", "http://127.0.0.1/"), ("http://0177.1/", "http://127.0.0.1/"),
    ("http://127.0.0x0.1", "http://127.0.0.1/"),
    ("http://1.2.3.256/", "an address without a valid host"),
    ("http://1.2.3.4.5/", "an address without a valid host"),
    ("http://a.09/", "an address without a valid host"),
    ("http://1e5/", "http://1e5/"), ("http://[::1]:81/", "http://[::1]:81/"),
    ("http://[0:0::ffff:127.0.0.1]/", "http://[::ffff:127.0.0.1]/"),
    ("http://[::1/", "an address without a valid host"),
    ("http://[::g]/", "an address without a valid host"),
    ("file:///etc/passwd", "the scheme file, where http or https is needed"),
    ("javascript:alert(1)", "the scheme javascript, where http or https is needed"),
    ("data:image/png;base64,AA", "the scheme data, where http or https is needed"),
    ("1:2", "http://base.org/p/1:2"),
  ]

  @Test("addresses become what browsers make of them", arguments: whatwg)
  func browsers(_ text: String, _ expected: String) {
    #expect(resolved(text, "http://base.org/p/q") == expected)
  }

  @Test("a relative address without a base, and one that is too long, are refused")
  func refused() {
    #expect(throws: URLProblem.relative) { try WebURL("a/b.png") }
    #expect(throws: URLProblem.relative) { try WebURL("//a/b.png") }
    let start = "http://a/"
    #expect(throws: URLProblem.tooLong) {
      try WebURL(start + String(repeating: "x", count: WebURL.mostBytes - 8))
    }
    #expect((try? WebURL(start + String(repeating: "x", count: WebURL.mostBytes - 9))) != nil)
  }

  @Test("an address is its own canonical spelling")
  func canonical() throws {
    for (text, _) in Self.whatwg {
      guard let url = try? WebURL(text, base: WebURL("http://base.org/p/q")) else { continue }
      #expect(try WebURL(url.description) == url)
    }
  }

  @Test("origin, ending and target are parts of an address")
  func parts() throws {
    let url = try WebURL("https://a.org:8443/x.y/photo.JPEG?w=1.5")
    #expect(url.origin == "https://a.org:8443" && url.ending == "jpeg")
    #expect(url.target == "/x.y/photo.JPEG?w=1.5")
    #expect(try WebURL("http://a.org/x.y/photo").ending == "")
  }
}

@Suite("Private addresses")
struct PrivateAddressTests {
  @Test(
    "addresses that are not of the public Internet are told",
    arguments: [
      "0.1.2.3", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.9",
      "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1",
      "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
      "239.255.255.255", "240.0.0.1", "255.255.255.255", "[::]", "[::1]", "[::ffff:8.8.8.8]",
      "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::808:808]", "[64:ff9b:1::1]",
      "[100::1]", "[2001::1]", "[2001:db8::1]", "[2002:7f00:1::]", "[3fff::1]", "[fc00::1]",
      "[fd12::1]", "[fe80::1]", "[fec0::1]", "[ff02::1]", "[::127.0.0.1]", "[5f00::1]",
    ])
  func notPublic(_ host: String) throws {
    let address = try #require(IPAddress(host: host))
    #expect(!address.isPublic)
  }

  @Test(
    "addresses of the public Internet are told",
    arguments: [
      "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.0",
      "126.255.255.255", "128.0.0.1", "169.253.1.1", "172.15.255.255", "172.32.0.0",
      "192.0.1.1", "192.167.1.1", "192.169.0.0", "198.17.1.1", "198.20.0.0", "223.255.255.255",
      "[2001:200::1]", "[2606:4700::1111]", "[2a00:1450::1]", "[2003::1]",
    ])
  func isPublic(_ host: String) throws {
    let address = try #require(IPAddress(host: host))
    #expect(address.isPublic && address.description == host.filter { !"[]".contains($0) })
  }

  @Test("a name is no address")
  func names() {
    for name in ["localhost", "1.2.3", "a.org", "[::1", ""] {
      #expect(IPAddress(host: name) == nil)
    }
  }
}
