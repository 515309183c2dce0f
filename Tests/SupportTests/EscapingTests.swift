import Foundation
import Support
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("Texts within XML, JSON and CSV")
struct EscapingTests {
  /// Texts with all characters that these formats treat specially.
  private static let texts = [
    "", "moth", "a & b", "<script>alert(\"x\")</script>", "it's", "tab\tline\nend\r", "a,b",
    "back\\slash", "naïve 絵 👨‍👩‍👧", "\u{7F}\u{85}",
  ]

  @Test("XML reads back as the same text, within an attribute and within an element")
  func xml() throws {
    for text in Self.texts {
      let document = try XMLDocument(
        xmlString: "<a b=\"\(text.xmlEscaped)\">\(text.xmlEscaped)</a>")
      let element = try #require(document.rootElement())
      #expect(element.attribute(forName: "b")?.stringValue == text, "\(text.xmlEscaped)")
      #expect(element.stringValue == text, "\(text.xmlEscaped)")
    }
    #expect("a\u{0}b\u{1B}[c\u{FFFE}".xmlEscaped == "a\u{FFFD}b\u{FFFD}[c\u{FFFD}")
  }

  @Test("JSON reads back as the same text, and has no control characters")
  func json() throws {
    for text in Self.texts + ["\u{0}\u{1F}"] {
      let quoted = text.jsonQuoted
      #expect(try JSONDecoder().decode([String].self, from: Data("[\(quoted)]".utf8)) == [text])
      let controls = quoted.unicodeScalars.filter { $0.isControl }
      #expect(controls.isEmpty)
    }
  }

  @Test("a CSV field is quoted where it has to be, and only there")
  func csv() {
    let fields = [
      ("plain name", "plain name"), ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""),
      ("two\nlines", "\"two\nlines\""), ("dos\r\n", "\"dos\r\n\""), ("", ""),
    ]
    for (text, field) in fields { #expect(text.csvField == field) }
  }

  @Test("JSON for programs has sorted names in snake case and slashes as they are")
  func jsonText() throws {
    struct Facts: Encodable {
      var perSecond = 1.5
      var file = "a/b"
      var byName = ["knownAs": 1]
    }
    #expect(
      try JSONText.line(Facts()) == #"{"by_name":{"knownAs":1},"file":"a/b","per_second":1.5}"#)
    #expect(try JSONText.pretty(["a": 1]) == "{\n  \"a\" : 1\n}")
  }
}
