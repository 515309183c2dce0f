import Glibc
import Support
import TestSupport
import Testing

@Suite("names of files")
struct ByteTextTests {
  private static let names: [[UInt8]] = [
    Array("plain.jpg".utf8), Array("caf\u{e9}.jpg".utf8), [],
    // Latin-1, a cut and an overlong sequence, a surrogate, and no text at all.
    [0x63, 0x61, 0x66, 0xe9, 0x2e, 0x6a], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80],
    [0xff, 0xfe, 0x80, 0x41], [0xf4, 0x90, 0x80, 0x80], [0xf0, 0x9f, 0x98],
    Array("\u{1F600} \u{10FFFF}".utf8),
    // A name that has one of the characters that stand for bytes.
    Array("\u{10F7E9}".utf8), Array("a\u{10F780}".utf8) + [0xe9],
  ]

  @Test("each name has a text, and its text gives the same bytes", arguments: names)
  func roundTrip(bytes: [UInt8]) {
    let text = ByteText.text(bytes)
    #expect(ByteText.bytes(text) == bytes)
    #expect(FilePath.c(text) == bytes.map { CChar(bitPattern: $0) } + [0])
    if let plain = String(validating: bytes, as: UTF8.self), !plain.contains("\u{10F7E9}"),
      !plain.contains("\u{10F780}")
    {
      #expect(text == plain)
    }
  }

  @Test("every pair of bytes has a text of its own")
  func pairs() {
    var texts: Set<[UInt8]> = []
    for pair in 0..<65536 {
      let bytes = [UInt8(pair >> 8), UInt8(pair & 255)]
      let text = ByteText.text(bytes)
      #expect(ByteText.bytes(text) == bytes)
      texts.insert(Array(text.utf8))
    }
    #expect(texts.count == 65536)
  }

  @Test("a byte that is not text is shown as an escape")
  func printable() {
    #expect(PrintableText.message("a\u{1b}[2J\n\u{202e}b") == #"a\x1b[2J\n\u{202e}b"#)
    let long = "place: " + String(repeating: "\u{202e}", count: 70_000) + "; remedy"
    let message = PrintableText.message(long)
    #expect(message.hasPrefix(#"place: \u{202e}"#) && message.hasSuffix("; remedy"))
    #expect(message.count == 1901 && PrintableText.message(message) == message)

    #expect(PrintableText.line(ByteText.text([0x63, 0xe9, 0x0a, 0x64])) == "c\\xe9\\nd")
    #expect(!PrintableText.isPrintable(ByteText.text([0xe9])))
    #expect(PrintableText.line("caf\u{e9}") == "caf\u{e9}")
  }

  @Test("names are ordered by their bytes, also those that look the same")
  func order() {
    let (composed, decomposed) = ("\u{e9}", "e\u{301}")
    #expect(composed == decomposed)
    #expect(FilePath.precedes(decomposed, composed))
    #expect(!FilePath.precedes(composed, decomposed))
    #expect(FilePath.precedes(composed, ByteText.text([0xe9])))
  }

  @Test("the order of texts is that of their bytes, whatever they begin with")
  func orderOfAll() {
    let parts = Self.names + [Array("a".utf8), Array("\u{10F7}".utf8), [0xf4], [0xf5], [0x80]]
    let all = parts.flatMap { one in parts.map { one + $0 } }
    for one in all {
      for other in all {
        #expect(
          FilePath.precedes(ByteText.text(one), ByteText.text(other))
            == one.lexicographicallyPrecedes(other))
      }
    }
  }

  @Test("files whose names are not UTF-8 are written, listed, read, moved, copied and removed")
  func files() throws {
    let folder = "/tmp/dino-names-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    try FileSystem.makeFolder(folder)
    let inner = folder + "/" + ByteText.text([0x67, 0xe7])
    try FileSystem.makeFolder(inner)
    let name = ByteText.text([0x63, 0xe9])
    try WholeFile.write("words", to: inner + "/" + name)
    let path = Array(folder.utf8) + [0x2f, 0x67, 0xe7, 0x2f, 0x63, 0xe9, 0]
    #expect(access(path.map { CChar(bitPattern: $0) }, F_OK) == 0)
    #expect(try FileSystem.names(in: inner) == [name])
    #expect(try WholeFile.read(inner + "/" + name, limit: 9) == Array("words".utf8))
    #expect(try FileSystem.status(inner + "/" + name)?.size == 5)
    try FileSystem.copy(inner + "/" + name, to: folder + "/" + name)
    try FileSystem.move(inner + "/" + name, to: inner + "/other")
    #expect(FileSystem.link(inner + "/other", to: inner + "/" + name))
    #expect(try FileSystem.names(in: inner).count == 2)
    #expect(FilePath.canonical(inner + "/../" + name) == FilePath.canonical(folder) + "/" + name)
    try FileSystem.remove(folder)
    #expect(try FileSystem.status(folder) == nil)
  }

  @Test("a slash before a combining mark is a slash")
  func combining() {
    #expect(FilePath.name(of: "/a/\u{301}b") == "\u{301}b")
    #expect(FilePath.parent(of: "/a/\u{301}b") == "/a")
    #expect(FilePath.canonical("/nowhere/\u{301}b/../c") == "/nowhere/c")
  }

  @Test("what cannot be examined is not taken for absent")
  func unreadable() throws {
    // A name that is too long is an error of the path, whoever asks.
    let name = String(repeating: "x", count: 300)
    #expect(throws: FileError.self) { try FileSystem.status("/tmp/" + name) }
    #expect(throws: FileError.self) { try FileSystem.names(in: "/dev/null") }
    #expect(try FileSystem.names(in: "/nowhere/at/all") == [])
    #expect(try FileSystem.entries(in: "/nowhere/at/all") == nil)
  }
}
