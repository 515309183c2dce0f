import CArchive
import Crops
import Foundation
import Images
import TestSupport
import Testing

/// Writes archives as the library does that reads them, and others byte by byte.
struct ArchiveBuilder {
  let folder = TemporaryFolder()

  /// A picture of one colour.
  static func picture(_ color: Int) -> [UInt8] {
    let pixels = (0..<25).flatMap { _ -> [UInt8] in [UInt8(color), 10, 200] }
    return encodePNG(RGBImage(width: 5, height: 5, pixels: pixels))
  }

  /// Writes an archive with files in the given order. Returns its path.
  func write(
    _ name: String, _ files: [(name: String, bytes: [UInt8])], compressing: Bool = false
  ) -> String {
    let path = folder.write([], to: name)
    let archive = archive_write_new()
    defer { archive_write_free(archive) }
    let before = dino_archive_use_utf8()
    defer { dino_archive_restore_locale(before) }
    if name.hasSuffix(".zip") {
      archive_write_set_format_zip(archive)
      if !compressing { archive_write_zip_set_compression_store(archive) }
    } else {
      archive_write_set_format_pax_restricted(archive)
      if compressing { archive_write_add_filter_gzip(archive) }
    }
    precondition(archive_write_open_filename(archive, path) == ARCHIVE_OK)
    for file in files {
      let entry = archive_entry_new()
      defer { archive_entry_free(entry) }
      archive_entry_set_pathname(entry, file.name)
      archive_entry_set_size(entry, la_int64_t(file.bytes.count))
      archive_entry_set_filetype(entry, file.name.hasSuffix("/") ? S_IFDIR : S_IFREG)
      archive_entry_set_perm(entry, 0o644)
      archive_write_header(archive, entry)
      archive_write_data(archive, file.bytes, file.bytes.count)
    }
    archive_write_close(archive)
    return path
  }
}

@Suite("Images in archives")
struct ArchiveTests {
  private let builder = ArchiveBuilder()

  private func open(_ path: String) throws -> FileSource { try FileSource(path: path) }

  private func keys(_ source: FileSource) -> [String] { (0..<source.count).map(source.key) }

  private func labels(_ source: FileSource) -> [String?] {
    (0..<source.count).map { source.label($0).map { source.classes[$0] } }
  }

  /// The first colour of an image, by which the files of these tests differ.
  private func color(_ source: FileSource, _ index: Int) throws -> Int {
    Int(try source.image(index).pixels[0])
  }

  @Test(
    "the images of an archive are read where they lie",
    arguments: [("a.tar", false), ("a.zip", false), ("a.zip", true)])
  func read(_ name: String, _ compressing: Bool) throws {
    let long = String(repeating: "long/", count: 40) + "é.png"
    let path = builder.write(
      name,
      [
        ("b/2.png", ArchiveBuilder.picture(2)), ("b/", []), ("a/1.png", ArchiveBuilder.picture(1)),
        ("notes.txt", Array("text".utf8)), (long, ArchiveBuilder.picture(3)),
        ("a/.hidden.png", ArchiveBuilder.picture(9)), ("b/odd", ArchiveBuilder.picture(4)),
      ], compressing: compressing)
    let source = try open(path)
    #expect(keys(source) == ["a/1.png", "b/2.png", "b/odd", long])
    #expect(try (0..<4).map { try color(source, $0) } == [1, 2, 4, 3])
    #expect(source.classes == ["a", "b", "long"])
    #expect(labels(source) == ["a", "b", "b", "long"])
    #expect(source.bytes(0) == ArchiveBuilder.picture(1).count)
    #expect(
      source.notices.map(\.text) == [
        "\(path): 1 file is not used: 1 text (only \(ImageFormat.list("and")) are read)"
      ])
  }

  @Test("of two files with the same name the later one counts")
  func repeated() throws {
    let path = builder.write(
      "a.tar", [("1.png", ArchiveBuilder.picture(1)), ("1.png", ArchiveBuilder.picture(2))])
    let source = try open(path)
    #expect(source.count == 1)
    #expect(try color(source, 0) == 2)
  }

  @Test("shards are one data set, and a .cls file names the class, as in WebDataset")
  func shards() throws {
    for shard in 0..<3 {
      let files = (0..<4).flatMap { number -> [(String, [UInt8])] in
        let color = 4 * shard + number
        return [
          ("\(number).png", ArchiveBuilder.picture(color)),
          ("\(number).cls", Array("\(color * 5)\n".utf8)),
        ]
      }
      _ = builder.write("shards/train-00\(shard).tar", files.map { (name: $0.0, bytes: $0.1) })
    }
    _ = builder.write("shards/other.tar", [("x.png", ArchiveBuilder.picture(99))])
    let path = builder.folder.file("shards")
    for pattern in [
      "train-{000..002}.tar", "train-*.tar", "train-00?.tar", "{train-000,train-001,train-002}.tar",
    ] {
      let source = try open(path + "/" + pattern)
      #expect(source.count == 12, "\(pattern)")
      #expect(source.key(0) == "train-000.tar/0.png")
      // Sorted by value, since all are numbers.
      #expect(source.classes.prefix(3) == ["0", "5", "10"])
      for index in 0..<12 {
        #expect(try color(source, index) == index)
        #expect(labels(source)[index] == "\(index * 5)")
      }
    }
    let two = try open(path + "/train-{001..002}.tar")
    #expect(two.count == 8)
    for (pattern, reason) in [
      ("train-{000..003}.tar", "there is no train-003.tar in"),
      ("none-*.tar", "there is no none-*.tar"),
      ("train-{2..1}.tar", "write the smaller number first"),
      ("train-{0..4000000000}.tar", "too many names"),
    ] {
      let error = #expect(throws: SourceError.self) { try open(path + "/" + pattern) }
      #expect(error.map { "\($0)".contains(reason) } == true, "\(String(describing: error))")
    }
  }

  @Test("archives in a folder are folders of it, without their own name as a class")
  func within() throws {
    try FileManager.default.createDirectory(
      atPath: builder.folder.file("set/ant"), withIntermediateDirectories: true)
    builder.folder.write(ArchiveBuilder.picture(1), to: "set/ant/1.png")
    _ = builder.write("set/ant/more.zip", [("2.png", ArchiveBuilder.picture(2))])
    _ = builder.write("set/all.tar", [("bee/3.png", ArchiveBuilder.picture(3))])
    builder.folder.write(Array("no archive".utf8), to: "set/broken.tar")
    let source = try open(builder.folder.file("set"))
    #expect(keys(source) == ["all.tar/bee/3.png", "ant/1.png", "ant/more.zip/2.png"])
    #expect(labels(source) == ["bee", "ant", "ant"])
    #expect(try (0..<3).map { try color(source, $0) } == [3, 1, 2])
    let problems = source.notices.filter(\.isProblem)
    #expect(problems.count == 1 && problems[0].text.contains("broken.tar: is no tar archive"))
    #expect(source.path(2).hasSuffix("/set/ant/more.zip/2.png"))
  }

  @Test("an archive that is damaged, cut off or compressed as a whole is refused in one line")
  func refused() throws {
    let files = (0..<5).map { (name: "\($0).png", bytes: [UInt8](repeating: 7, count: 3000)) }
    let whole = bytes(of: builder.write("whole.tar", files))
    let cut = builder.folder.write(Array(whole[..<6000]), to: "cut.tar")
    let zip = bytes(of: builder.write("whole.zip", files))
    let cases = [
      (cut, "ends before its file"),
      (builder.write("gzip.tar", files, compressing: true), "has to be decompressed"),
      (builder.folder.write(Array(zip[..<5000]), to: "cut.zip"), "is not a whole zip archive"),
      (builder.folder.write(Array("x".utf8), to: "text.zip"), "is not a whole zip archive"),
      (builder.folder.file("none.tar"), "no such folder"),
    ]
    for (path, reason) in cases {
      let error = #expect(throws: SourceError.self) { try open(path) }
      let text = error.map { "\($0)" } ?? ""
      #expect(text.contains(path) && text.contains(reason) && !text.contains("\n"), "\(text)")
    }
  }

  @Test("damage of a file in an archive is its own; an archive that is away is an outage")
  func damage() throws {
    for name in ["a.tar", "a.zip"] {
      let path = builder.write(
        name, [("1.png", ArchiveBuilder.picture(1)), ("2.png", ArchiveBuilder.picture(2))])
      var content = bytes(of: path)
      let picture = ArchiveBuilder.picture(1)
      let place = try #require(
        (0..<content.count - picture.count).first {
          Array(content[$0..<$0 + picture.count]) == picture
        })
      content[place + 3] ^= 0xFF
      try Data(content).write(to: URL(fileURLWithPath: path))
      let source = try open(path)
      let error = #expect(throws: ImageError.self) { try source.image(0) }
      #expect(
        error?.name == path + "/1.png" && error?.isOutage == false, "\(String(describing: error))")
      #expect(try color(source, 1) == 2)
    }
    let path = builder.write("b.tar", [("1.png", ArchiveBuilder.picture(1))])
    let source = try FileSource(path: path, cacheBytes: 0)
    try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
    let error = #expect(throws: ImageError.self) { try source.image(0) }
    #expect(error?.isOutage == true)
    try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
    #expect(try color(source, 0) == 1)
  }

  @Test("an archive may have a large number of files, which are read by many threads")
  func threads() throws {
    for name in ["many.tar", "many.zip"] {
      let path = builder.write(
        name, (0..<256).map { (name: "\($0).png", bytes: ArchiveBuilder.picture($0)) },
        compressing: name.hasSuffix("zip"))
      let source = try FileSource(path: path, cacheBytes: 0)
      let expected = keys(source).map { Int($0.dropLast(4))! }
      nonisolated(unsafe) var found = [Int](repeating: -1, count: 256)
      found.withUnsafeMutableBufferPointer { buffer in
        nonisolated(unsafe) let buffer = buffer
        DispatchQueue.concurrentPerform(iterations: 256) { index in
          buffer[index] = Int((try? source.image(index))?.pixels[0] ?? 0)
        }
      }
      #expect(found == expected)
    }
  }
}
