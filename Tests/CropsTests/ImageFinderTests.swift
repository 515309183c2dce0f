import Crops
import Foundation
import Images
import Support
import Testing

@Suite struct ImageFinderTests {
  private func lines(_ source: FileSource) -> [String] { source.notices.map(\.text) }

  @Test("a file with another ending, or none, is used if its first bytes are an image's")
  func contents() throws {
    let folder = try Folder()
    for name in ["a.jfif", "b.TIFF", "c", "d.", ".e.png", "f.PNG", "g.txt"] {
      try folder.add(name, color: 3)
    }
    let source = try FileSource(path: folder.path)
    try #require(source.files == ["a.jfif", "b.TIFF", "c", "d.", "f.PNG", "g.txt"])
    #expect(try (0..<6).allSatisfy { try source.image($0).pixels[0] == 3 })
    #expect(source.notices.isEmpty)
  }

  @Test("what is not used is counted by kind in one line, the most frequent first")
  func unused() throws {
    let folder = try Folder()
    try folder.add("a.png")
    try folder.add("1.bin", bytes: Array("....ftypavif".utf8))
    try folder.add("in/2.jpgs", bytes: Array("....ftypavif".utf8))
    try folder.add("3", bytes: Array("8BPS....".utf8))
    try folder.add("4.NPY", bytes: [0x93, 1, 2, 3])
    try folder.add("5.a b", bytes: [0x93, 1, 2, 3])
    try folder.add("6.mp4", bytes: Array("\0\0\0\u{18}ftypisom".utf8))
    try folder.add("7.mp4", bytes: Array("\0\0\0\u{18}ftypisom".utf8))
    try folder.add("8.xcf", bytes: [])
    try folder.link("9.png", to: "nowhere")
    try folder.link("10", to: "10")
    #expect(mkfifo(folder.path + "/pipe.png", 0o600) == 0)
    let source = try FileSource(path: folder.path)
    #expect(source.files == ["a.png"])
    #expect(
      lines(source) == [
        "\(folder.path): 11 files are not used: 2 AVIF, 2 videos, 1 .npy, 1 Photoshop, "
          + "1 dangling link, 1 empty file, 1 special file, 1 unknown file, 1 of other kinds "
          + "(only \(ImageFormat.list("and")) are read)"
      ])
    #expect(!source.notices[0].isProblem)
    #expect(source.notices == SubsetSource(source, indices: [0]).notices)
  }

  @Test("a data set may be made of links to files and folders; two to one folder both count")
  func links() throws {
    let store = try Folder()
    for name in ["a/1.png", "a/deep/2.png", "b/3.png"] { try store.add(name) }
    let folder = try Folder()
    try folder.add("own/0.png")
    for (name, target) in [("x", "a"), ("y", "b"), ("z", "a")] {
      try folder.link(name, to: store.path + "/" + target)
    }
    try folder.link("own/linked.png", to: store.path + "/b/3.png")
    let source = try FileSource(path: folder.path)
    #expect(
      source.files == [
        "own/0.png", "own/linked.png", "x/1.png", "x/deep/2.png", "y/3.png", "z/1.png",
        "z/deep/2.png",
      ])
    #expect(source.classes == ["own", "x", "y", "z"])
    #expect(source.notices.isEmpty)
  }

  /// Links that lead to a folder above them. Each set alone: if it were followed, the search would
  /// still end, at the most links that the system allows in a path.
  struct Loop: Sendable {
    let files: [String]
    let links: [(name: String, target: String)]
    let found: [String]
  }

  @Test(
    "a link to a folder above it is counted and not followed",
    arguments: [
      Loop(files: ["in/a.png"], links: [("in/up", "..")], found: ["in/a.png"]),
      Loop(files: ["in/a.png"], links: [("in/here", ".")], found: ["in/a.png"]),
      // Through two folders that lead to each other.
      Loop(
        files: ["left/l.png", "right/r.png"],
        links: [("left/other", "../right"), ("right/other", "../left")],
        found: ["left/l.png", "left/other/r.png", "right/other/l.png", "right/r.png"]),
    ])
  func loops(_ loop: Loop) throws {
    let folder = try Folder()
    for name in loop.files { try folder.add(name) }
    for link in loop.links { try folder.link(link.name, to: link.target) }
    let source = try FileSource(path: folder.path)
    #expect(source.files == loop.found)
    let count = loop.links.count == 1 ? "1 looping link" : "2 looping links"
    #expect(
      lines(source).count == 1 && lines(source)[0].contains(": \(count) ("), "\(source.notices)")
  }

  @Test("depth has no limit")
  func depth() throws {
    let folder = try Folder()
    let deep = [String](repeating: "d", count: 500).joined(separator: "/")
    try FileSystem.makeFolder(folder.path + "/" + deep)
    try folder.add("a.png")
    try FileSystem.copy(folder.path + "/a.png", to: folder.path + "/" + deep + "/b.png")
    #expect(try FileSource(path: folder.path).files == ["a.png", deep + "/b.png"])
  }

  @Test("a part that cannot be read is named once and passed over; the top is an error")
  func unreadable() throws {
    let folder = try Folder()
    try folder.add("a.png")
    // Folders whose paths are longer than the system allows.
    let chain = try LongChain(in: folder.path)
    defer { chain.remove() }
    let source = try FileSource(path: folder.path)
    #expect(source.files == ["a.png"])
    #expect(source.notices.count == 1 && source.notices[0].isProblem)
    let line = try #require(lines(source).first)
    #expect(line.hasPrefix(folder.path + "/" + LongChain.name))
    #expect(line.hasSuffix("File name too long; passed over"))
    let error = try #require(throws: SourceError.self) {
      _ = try FileSource(path: folder.path + chain.below)
    }
    #expect("\(error)".contains("File name too long") || "\(error)".contains("not a folder"))
  }

  @Test("names are compared as bytes: folders that look the same are classes of their own")
  func classesAreBytes() throws {
    let folder = try Folder()
    let names = ["e\u{301}", "\u{e9}", "\u{ea}"]
    for name in names {
      try FileSystem.makeFolder(folder.path + "/" + name)
      try folder.add("seed")
      // The second begins with a character that joins the slash before it.
      for file in ["1.png", "\u{301}.png"] {
        try FileSystem.copy(folder.path + "/seed", to: folder.path + "/\(name)/" + file)
      }
      try FileSystem.removeFile(folder.path + "/seed")
    }
    let source = try FileSource(path: folder.path)
    #expect(source.classes.map { Array($0.utf8) } == names.map { Array($0.utf8) })
    #expect((0..<source.count).map(source.label) == [0, 0, 1, 1, 2, 2])
  }
}

/// Nested folders, the last of which have paths that are too long for the system.
private struct LongChain {
  static let name = String(repeating: "n", count: 200)
  private let top: String
  private let depth = 21

  init(in folder: String) throws {
    top = folder
    var at = open(folder, O_RDONLY | O_DIRECTORY)
    for _ in 0..<depth {
      try #require(mkdirat(at, Self.name, 0o700) == 0)
      let next = openat(at, Self.name, O_RDONLY | O_DIRECTORY)
      close(at)
      at = next
    }
    close(at)
  }

  /// The path of the last folder, relative to the top one.
  var below: String { String(repeating: "/" + Self.name, count: depth) }

  func remove() {
    for length in (0..<depth).reversed() {
      var at = open(top, O_RDONLY | O_DIRECTORY)
      for _ in 0..<length {
        let next = openat(at, Self.name, O_RDONLY | O_DIRECTORY)
        close(at)
        at = next
      }
      unlinkat(at, Self.name, AT_REMOVEDIR)
      close(at)
    }
  }
}
