import Crops
import Foundation
import Images
import Recipe
import Support
import Synchronization
import Testing

/// A folder that is removed with the object.
final class Folder: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "dino-crops-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes bytes, or a picture whose colour identifies it.
  func add(_ name: String, color: Int = 0, side: Int = 12, bytes: [UInt8]? = nil) throws {
    let file = URL(fileURLWithPath: path + "/" + name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    let pixel: [UInt8] = [UInt8(color), UInt8(255 - color), 90]
    let pixels = (0..<side * side).flatMap { _ in pixel }
    let picture = encodePNG(RGBImage(width: side, height: side, pixels: pixels))
    try Data(bytes ?? picture).write(to: file)
  }

  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: path + "/" + name, withDestinationPath: target)
  }
}

@Suite struct FileSourceTests {
  @Test("image files of all folders are found, in the order of their paths")
  func finds() throws {
    let folder = try Folder()
    for name in ["b.PNG", "deep/er/a.jpg", "a.jpeg", "deep/z.JPG"] { try folder.add(name) }
    for name in [".hidden.png", ".cache/x.png"] { try folder.add(name) }
    for name in ["notes.txt", "png"] { try folder.add(name, bytes: Array("no image".utf8)) }
    #expect(
      try FileSource(path: folder.path).files
        == ["a.jpeg", "b.PNG", "deep/er/a.jpg", "deep/z.JPG"])
  }

  @Test("names that are not UTF-8, and names that only look the same, are files of their own")
  func names() throws {
    let folder = try Folder()
    try folder.add("seed.png", color: 7)
    let seed = folder.path + "/seed.png"
    // Given to the system as bytes, so that what is tested does not make the names itself.
    func path(_ name: [UInt8]) -> [CChar] {
      (Array((folder.path + "/").utf8) + name + [0]).map { CChar(bitPattern: $0) }
    }
    let (latin, png) = ([0x67, 0xe7] as [UInt8], Array(".png".utf8))
    try #require(mkdir(path(latin), 0o700) == 0)
    let files = [
      Array("e\u{301}".utf8) + png, latin + [0x2f, 0xe9] + png, latin + [0x2f, 0xea] + png,
      Array("seed".utf8) + png, Array("\u{e9}".utf8) + png,
    ]
    for file in files.reversed() where file.first != UInt8(ascii: "s") {
      try #require(link(seed, path(file)) == 0)
    }
    let source = try FileSource(path: folder.path)
    try #require(source.files.map(ByteText.bytes) == files)
    #expect(try files.indices.allSatisfy { try source.image($0).pixels[0] == 7 })
  }

  @Test("two folders with images are two classes; one is none")
  func classes() throws {
    let folder = try Folder()
    try folder.add("cats/1.png", color: 1)
    try folder.add("cats/deep/2.png", color: 2)
    #expect(try FileSource(path: folder.path).classes == [])
    try folder.add("dogs/3.png", color: 3)
    try folder.add("4.png", color: 4)
    try FileManager.default.createDirectory(
      atPath: folder.path + "/empty", withIntermediateDirectories: true)
    let source = try FileSource(path: folder.path)
    #expect(source.classes == ["cats", "dogs"])
    #expect(source.files == ["4.png", "cats/1.png", "cats/deep/2.png", "dogs/3.png"])
    #expect((0..<4).map { source.label($0) } == [nil, 0, 0, 1])
    // Twice: first decoded, then from the cache.
    for _ in 0..<2 {
      #expect(try (0..<4).map { try source.image($0).pixels[0] } == [4, 1, 2, 3])
    }
  }

  @Test("classes that look like the parts of a data set are pointed out")
  func parts() throws {
    func notices(_ names: [String]) throws -> [String] {
      let folder = try Folder()
      for name in names { try folder.add("\(name)/1.png") }
      return try FileSource(path: folder.path).notices.filter(\.isProblem).map {
        $0.text.replacing(folder.path, with: "F")
      }
    }
    #expect(
      try notices(["train", "test"]) == [
        "F: its subfolders test and train are taken for classes; if they are parts of a data set, "
          + "set data.path to F/train and data.eval_path to F/test"
      ])
    #expect(try notices(["Val", "Training", "test"]).first?.contains("F/Training") == true)
    #expect(try notices(["train", "bus"]).isEmpty)
    #expect(try notices(["train"]).isEmpty)
  }

  @Test("a folder that is missing, empty or no folder is refused in one line that names it")
  func refusals() throws {
    let folder = try Folder()
    try folder.add("notes.md", bytes: Array("no image".utf8))
    let cases = [
      (
        folder.path,
        "no \(ImageFormat.list("or")) files in it or its subfolders; 1 file is not used: 1 text"
      ), (folder.path + "/gone", "no such folder"),
      (folder.path + "/notes.md", "not a folder"),
    ]
    for (path, reason) in cases {
      let error = try #require(throws: SourceError.self) { _ = try FileSource(path: path) }
      #expect(error.description.hasPrefix(path))
      #expect(error.description.contains(reason))
      #expect(!error.description.contains("\n"))
    }
  }

  @Test("damaged files of a folder are named and the others trained on")
  func damagedFiles() throws {
    let folder = try Folder()
    for number in 1...3 { try folder.add("\(number).png", color: number) }
    try folder.add("cut.jpg", bytes: [0xFF, 0xD8, 0xFF, 0xE0, 0, 16])
    try folder.add("empty.png", bytes: [])
    try folder.add("text.png", bytes: Array("hello".utf8))
    var recipe = Recipe.plain(images: 6)
    recipe.data.path = folder.path
    let named = Mutex<[String]>([])
    let loader = BatchLoader(recipe: recipe, source: try openSource(recipe: recipe)) { problem in
      named.withLock { $0.append(problem) }
    }
    loader.start(batch: 1)
    defer { loader.stop() }
    let drawn = try (0..<4).flatMap { _ in
      let batch = try loader.next()
      return (0..<6).map(batch.index(image:))
    }
    #expect(Set(drawn) == [1, 2, 3])
    let problems = named.withLock { $0.sorted() }
    #expect(problems.count == 3)
    for (problem, file) in zip(problems, ["cut.jpg", "empty.png", "text.png"]) {
      #expect(problem.hasPrefix(folder.path + "/" + file))
    }
  }
}
