import Crops
import Features
import Store
import TestSupport
import Testing

@Suite("Labels")
struct LabelTests {
  private let folder = TemporaryFolder()

  @Test("a table has files and labels, quoted or not, with a header or without")
  func table() throws {
    let text = "file,label\r\na.png,heron\r\n\"b,\"\"c\"\".png\",\"grey\nheron\"\n\nd.png,coot"
    let table = try LabelTable(text: text, path: "t.csv")
    #expect(table.rows.map(\.file) == ["a.png", "b,\"c\".png", "d.png"])
    #expect(table.rows.map(\.label) == ["heron", "grey\nheron", "coot"])
    #expect(table.rows.map(\.line) == [2, 3, 6])
    #expect(try LabelTable(text: "x,y", path: "t.csv").rows.map(\.file) == ["x"])
  }

  @Test(
    "a table that cannot be understood is refused with its line",
    arguments: [
      ("", "t.csv: has no labels"), ("file,label\n", "t.csv: has no labels"),
      ("a.png\n", "t.csv:1: expected file,label and found 1 field"),
      ("a.png,x\nb.png,y,z\n", "t.csv:2: expected file,label and found 3 fields"),
      ("a.png,\n", "t.csv:1: expected file,label and found 2 fields, one empty"),
      ("a.png,x\na.png,y\n", "t.csv:2: a.png stands in line 1 already"),
      ("a.png,\"x\n", "t.csv:1: a quote that is not closed"),
      ("\"a\"b,x\n", "t.csv:1: text after a closing quote"),
    ])
  func refused(text: String, reason: String) {
    let error = #expect(throws: FeatureError.self) {
      try LabelTable(text: text, path: "t.csv")
    }
    #expect(error?.description.hasPrefix(reason) == true, "\(error?.description ?? "")")
  }

  @Test("a label whose file is missing is refused with the line of the first, and their number")
  func missingFiles() throws {
    folder.picture("a.png", [1, 2, 3])
    let table = try LabelTable(
      text: "a.png,x\nnone.png,y\nb.png,y\n", path: "labels.csv")
    let error = #expect(throws: FeatureError.self) {
      try LabelledImages(folder: folder.path, table: table)
    }
    #expect(
      error?.description.hasPrefix(
        "labels.csv:2: there is no file none.png in \(folder.path), and 1 more") == true)
    #expect(throws: FeatureError.self) { try LabelTable(path: folder.path + "/none.csv") }
  }

  @Test("classes are numbered by their names, and test images by those of the training images")
  func numbering() throws {
    for name in ["b/1.png", "a/2.png", "c/3.png"] { folder.picture("train/" + name, [9, 9, 9]) }
    for name in ["c/1.png", "b/2.png"] { folder.picture("test/" + name, [9, 9, 9]) }
    let train = try LabelledImages(folder: folder.path + "/train")
    #expect(train.classes == ["a", "b", "c"] && train.labels == [0, 1, 2])
    let test = try LabelledImages(folder: folder.path + "/test")
    #expect(test.labels == [0, 1])
    #expect(try test.renumbered(train.classes, name: "test").labels == [1, 2])
    let error = #expect(throws: FeatureError.self) {
      try train.renumbered(["a", "b"], name: "train")
    }
    #expect(error?.description.hasPrefix("train: its classes c are not among") == true)
    #expect(throws: (any Error).self) { try LabelledImages(folder: folder.path + "/train/a") }
  }

  @Test("names of files and classes that only look the same are told apart by their bytes")
  func names() throws {
    let table = try LabelTable(text: "e\u{301}.png,x\n\u{e9}.png,y", path: "t.csv")
    #expect(table.rows.map(\.line) == [1, 2])
    let source = FileList(
      folder: "f", files: ["1", "2"], labels: [0, 1], classes: ["e\u{301}", "\u{e9}"])
    let test = LabelledImages(source, labels: [0, 1], classes: source.classes)
    let learned = ["a", "\u{e9}", "e\u{301}"]
    #expect(try test.renumbered(learned, name: "test").labels == [2, 1])
    // A copy through another system may have changed the bytes.
    #expect(try test.renumbered(["a", "\u{e9}"], name: "test").labels == [1, 1])
  }
}
