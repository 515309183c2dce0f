import Crops
import Foundation
import Images
import TestSupport
import Testing

@Suite("Lists of images")
struct ListFileTests {
  private let builder = ArchiveBuilder()
  private var folder: TemporaryFolder { builder.folder }

  init() {
    for number in 0..<4 {
      folder.write(ArchiveBuilder.picture(number), to: "images/\(number).png")
    }
    folder.write(ArchiveBuilder.picture(7), to: "images/a, b.png")
  }

  private func open(_ text: String, _ name: String = "list.txt") throws -> FileSource {
    try FileSource(path: folder.write(text, to: name))
  }

  private func colors(_ source: FileSource) throws -> [Int] {
    try (0..<source.count).map { Int(try source.image($0).pixels[0]) }
  }

  @Test("a text file names a path in each line, relative to its folder or from the root")
  func text() throws {
    let source = try open("# chosen\nimages/3.png\r\n\nimages/1.png\n\(folder.path)/images/2.png\n")
    #expect(
      (0..<source.count).map(source.key) == [
        "\(folder.path)/images/2.png", "images/1.png", "images/3.png",
      ])
    #expect(try colors(source) == [2, 1, 3])
    #expect(source.classes.isEmpty || source.classes.count > 1)
  }

  @Test("a CSV file names classes too; files without one have none")
  func classes() throws {
    for header in ["file,label\n", ""] {
      let source = try open(
        header + "images/3.png,moth\n\"images/a, b.png\",bee\nimages/0.png,\n", "list.csv")
      #expect(source.classes == ["bee", "moth"])
      #expect((0..<3).map { source.label($0).map { source.classes[$0] } } == [nil, "moth", "bee"])
      #expect(try colors(source) == [0, 3, 7])
    }
    let plain = try open("file\nimages/3.png\n", "plain.csv")
    #expect(plain.count == 1)
  }

  @Test("an archive in a list stands for the images in it")
  func archives() throws {
    _ = builder.write("more.zip", [("x.png", ArchiveBuilder.picture(9))])
    let source = try open("more.zip\nimages/0.png\n")
    #expect((0..<2).map(source.key) == ["images/0.png", "more.zip/x.png"])
    #expect(try colors(source) == [0, 9])
  }

  @Test(
    "a list that is wrong is refused, and its line is named",
    arguments: [
      (
        "list.txt", "images/0.png\nimages/9.png\nimages/8.png\n",
        ":2: names images/9.png, which is not in"
      ),
      ("list.txt", "images/0.png\nimages/9.png\nimages/8.png\n", "nor 1 other file"),
      (
        "list.txt", "images/0.png\nimages/0.png\n",
        ":2: images/0.png stands in line 1 already"
      ),
      ("list.txt", "\n# nothing\n", "names no files"),
      ("list.txt", "a\0b", "is not a text file"),
      ("list.csv", "file,class\nimages/0.png,a\n", ":1: names file, which is not in"),
      ("list.csv", "images/0.png,a,b\n", ":1: expected file,label and found 3 fields"),
      ("list.csv", "\"images/0.png,a\n", ":1: a quote that is not closed"),
      ("list.txt", "images\n", "names images, which is not in"),
    ])
  func wrong(_ name: String, _ text: String, _ reason: String) throws {
    let error = #expect(throws: SourceError.self) { _ = try open(text, name) }
    let said = error.map { "\($0)" } ?? ""
    #expect(said.contains(name) && said.contains(reason) && !said.contains("\n"), "\(said)")
  }

  @Test("several lists of files are one, also with archives among them")
  func joined() throws {
    let zip = builder.write("more.zip", [("x.png", ArchiveBuilder.picture(9))])
    let list = FileList(
      joining: [
        FileList([folder.file("images/2.png")]), try FileSource(path: zip).fileList,
        try FileSource(path: folder.file("images")).fileList,
      ])
    #expect(list.count == 7)
    #expect(list.key(1) == zip + "/x.png" && list.key(2) == folder.file("images/0.png"))
    #expect(try (0..<3).map { try list.image($0).pixels[0] } == [2, 9, 0])
  }
}
