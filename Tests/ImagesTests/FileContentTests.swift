import Images
import Testing

@Suite struct FileContentTests {
  @Test("what a file holds is told by its first bytes, not by its name")
  func kinds() throws {
    let cases: [(name: String, bytes: [UInt8], content: FileContent)] = [
      ("a.jfif", try Fixture.bytes("baseline.jpg"), .image),
      ("a.webp", try Fixture.bytes("rgb.png"), .image),
      ("b.jpg", Array("\0\0\0\u{18}ftypavif".utf8), .other("AVIF")),
      ("c", try Fixture.format("runs8.bmp"), .image),
      ("c.txt", try Fixture.format("text.pgm"), .image),
      ("d", Array("\0\0\0\u{C}JXL \r\n".utf8), .other("JPEG XL")),
      ("e", Array("PK\u{3}\u{4}".utf8), .other("zip archive")),
      ("f.png", Array("file,label\n".utf8), .other("text")),
      ("g", [0, 1, 2, 3], .unknown),
      ("h", [], .empty),
    ]
    try Fixture.inTemporaryFolder { folder in
      for (name, bytes, content) in cases {
        try write(bytes, to: "\(folder)/\(name)")
        #expect(FileContent(path: "\(folder)/\(name)") == content)
      }
      #expect(FileContent(path: folder) == .unreadable)
      #expect(FileContent(path: "\(folder)/none") == .unreadable)
    }
  }
}
