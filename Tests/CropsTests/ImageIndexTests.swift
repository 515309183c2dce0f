import Crops
import Images
import Support
import TestSupport
import Testing

@Suite("The index of a run's images")
struct ImageIndexTests {
  private let folder = TemporaryFolder()

  private func paint(_ name: String, _ width: Int = 1) {
    let path = folder.write([], to: name)
    try! RGBImage(
      width: width, height: 1, pixels: (0..<3 * width).map { UInt8($0 * 37 % 256) }
    ).writePNG(path: path)
  }

  private func remove(_ name: String) { try! FileSystem.remove(folder.file(name)) }

  private func move(_ name: String, to other: String) {
    try! FileSystem.move(folder.file(name), to: folder.file(other))
  }

  private func index(_ name: String = "images", eval: String? = nil) throws -> ImageIndex {
    try #require(
      ImageIndex(
        train: FileSource(path: folder.file(name)),
        eval: eval.map { try FileSource(path: folder.file($0)) }))
  }

  private func changes(_ change: () -> Void) throws -> String {
    let before = try index()
    change()
    return ImageChanges(from: before, to: try index()).text
  }

  /// Three classes of three images of different sizes.
  private func paintClasses() {
    for (number, name) in ["ant", "bee", "cow"].enumerated() {
      for image in 0..<3 { paint("images/\(name)/\(image).png", 1 + 3 * number + image) }
    }
  }

  @Test("what is written is read again, whatever the names, and has the same fingerprint")
  func reading() throws {
    for name in ["a,b/\"q\".png", "a,b/line\nfeed.png", "caf\u{E9}/x.png", "cafe\u{301}/x.png"] {
      paint("images/" + name)
    }
    let odd = folder.file("images/") + ByteText.text([0xFF])
    try FileSystem.makeFolder(odd)
    try RGBImage(width: 1, height: 1, pixels: [1, 2, 3])
      .writePNG(path: odd + "/" + ByteText.text([0xE9] + Array(".png".utf8)))
    paint("eval/a/1.png")
    let index = try index(eval: "eval")
    try index.write(to: folder.file("images.csv"))
    let read = try #require(try ImageIndex.read(folder.file("images.csv")))
    #expect(read.entries.count == 6 && read.fingerprint == index.fingerprint)
    #expect(ImageChanges(from: index, to: read).isEmpty)
    #expect(read.entries.map(\.purpose) == Array(repeating: .train, count: 5) + [.eval])
    let first = try #require(read.entries.first { $0.path.hasSuffix("\"q\".png") })
    #expect(first.label == "a,b" && first.bytes == index.entries.first?.bytes)
    #expect(read.fingerprint.count == 16)
  }

  @Test("images that are not files have no index, and a run without a file has none")
  func none() throws {
    #expect(ImageIndex(train: EmbeddedSource(seed: 0, size: 8, count: 3), eval: nil) == nil)
    #expect(try ImageIndex.read(folder.file("images.csv")) == nil)
  }

  @Test(
    "a file that is no index is refused, and its line is named",
    arguments: [
      ("", "1: is no index"), ("path\na\n", "1: is no index"),
      ("set,path,bytes,class\ntrain,a,5,\ntrain,b,x,\n", "3: is not set,path,bytes,class"),
      ("set,path,bytes,class\ntrain,a,-1,\n", "2: is not"),
      ("set,path,bytes,class\ntest,a,1,\n", "2: is not"),
      ("set,path,bytes,class\ntrain,,1,\n", "2: is not"),
      ("set,path,bytes,class\ntrain,\"a,1,\n", "2: a quote that is not closed"),
    ])
  func damaged(_ text: String, _ reason: String) throws {
    let path = folder.write(Array(text.utf8), to: "images.csv")
    let error = try #require(throws: FileError.self) { _ = try ImageIndex.read(path) }
    #expect(error.description.contains("images.csv:" + reason), "\(error)")
    #expect(error.description.contains("remove the file to go on"))
  }

  @Test("added images are counted by class, the largest number first")
  func added() throws {
    paintClasses()
    let text = try changes {
      paint("images/dog/1.png")
      paint("images/bee/9.png", 90)
      paint("images/dog/2.png", 2)
    }
    #expect(text == "3 added (2 of dog, 1 of bee)")
  }

  @Test("gone, renamed, resized and relabelled images are told apart")
  func kinds() throws {
    paintClasses()
    #expect(try changes { remove("images/ant/0.png") } == "1 gone (1 of ant)")
    // Same name and size elsewhere, and same size under another name.
    #expect(
      try changes {
        move("images/ant/1.png", to: "images/cow/1b.png")
        move("images/bee/2.png", to: "images/bee/two.png")
      } == "2 renamed (1 of bee, 1 of cow)")
    #expect(
      try changes { paint("images/bee/0.png", 400) } == "1 of another size (1 of bee)")
    // With a single folder left there are no classes.
    #expect(
      try changes {
        remove("images/cow")
        remove("images/ant")
      }.hasSuffix("3 of another class"))
  }

  @Test("files of the same size are not taken for renamed ones")
  func ambiguous() throws {
    for number in 0..<4 { paint("images/ant/\(number).png") }
    paint("images/bee/9.png", 7)
    let text = try changes {
      remove("images/ant/0.png")
      remove("images/ant/1.png")
      paint("images/bee/5.png")
    }
    #expect(text == "1 added (1 of bee), 2 gone (2 of ant)")
  }

  @Test("an index depends on paths and sizes alone, and on the bytes of names")
  func fingerprint() throws {
    paintClasses()
    let before = try index().fingerprint
    move("images", to: "moved")
    #expect(try index("moved").fingerprint == before)
    move("moved/ant/0.png", to: "moved/ant/00.png")
    #expect(try index("moved").fingerprint != before)
    #expect(
      ImageIndex([.init(.train, path: "\u{E9}", bytes: 1, label: "")]).fingerprint
        != ImageIndex([.init(.train, path: "e\u{301}", bytes: 1, label: "")]).fingerprint)
  }

  @Test("a file whose size the system cannot tell counts as changed")
  func unknownSize() {
    let index = ImageIndex([.init(.train, path: "a.png", bytes: nil, label: "")])
    #expect(ImageChanges(from: index, to: index).text == "1 of another size")
  }

  @Test("no more than five classes are named")
  func many() {
    let entries = (0..<9).map {
      ImageIndex.Entry(.train, path: "\($0)/a.png", bytes: 5, label: "c\($0)")
    }
    #expect(
      ImageChanges(from: ImageIndex([]), to: ImageIndex(entries)).text
        == "9 added (1 of c0, 1 of c1, 1 of c2, 1 of c3, 1 of c4, and 4 more classes)")
  }
}
