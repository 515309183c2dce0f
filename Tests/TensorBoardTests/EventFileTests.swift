import Support
import TensorBoard
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct EventFileTests {
  let folder = TemporaryFolder()

  private func scalar(_ step: Int) -> BoardEvent {
    BoardEvent(time: Double(step), step: step, .scalars([("loss/total_loss", 1)]))
  }

  /// Waits until a condition holds.
  private func eventually(_ condition: () -> Bool) {
    let end = Clock.monotonic() + 20
    while !condition() && Clock.monotonic() < end { usleep(1000) }
  }

  @Test(
    "a later file's name comes after the others', also within a second and if the clock goes back")
  func names() throws {
    for time in [1000.5, 1000.9, 900, 2_000_000_000] {
      _ = try EventFile(folder: folder.file("board"), time: time)
    }
    let names = folder.names(in: "board").map { $0.split(separator: ".")[3] }
    #expect(names == ["0000001000", "0000001001", "0000001002", "2000000000"])
  }

  @Test("a file has the version of the format first, and then the entries")
  func contents() throws {
    let file = try EventFile(folder: folder.file("board"), time: 5)
    try file.append([scalar(1), scalar(2)])
    let version = BoardEvent(time: 5, step: 0, .version)
    #expect(bytes(of: file.path) == [version, scalar(1), scalar(2)].flatMap(\.record))
  }

  @Test(
    "of entries that a full disk refuses nothing is in the file, and later ones can be read",
    .enabled(if: SmallDisk.isPossible))
  func fullDisk() throws {
    let disk = try #require(SmallDisk(at: folder.file("disk"), bytes: 1 << 20))
    let file = try EventFile(folder: disk.path, time: 5)
    try file.append([scalar(1)])
    disk.fill()
    let before = bytes(of: file.path)
    #expect(throws: FileError.self) { try file.append((2...1000).map(scalar)) }
    #expect(bytes(of: file.path) == before)
    disk.makeRoom()
    try file.append([scalar(2)])
    #expect(bytes(of: file.path) == before + scalar(2).record)
  }

  @Test("what was handed over is in the file when the writer has stopped")
  func writer() throws {
    let writer = try EventFileWriter(folder: folder.file("board"))
    for step in 1...500 { writer.write([scalar(step)]) }
    writer.stop()
    writer.stop()
    let name = try #require(folder.names(in: "board").first)
    let written = bytes(of: folder.file("board/" + name))
    let expected = (1...500).flatMap { scalar($0).record }
    #expect(written.suffix(expected.count) == expected[...])
    #expect(writer.problems() == [])
  }

  @Test(
    "a disk that is full is reported once, and what waits is written when there is room",
    .enabled(if: SmallDisk.isPossible))
  func writerOnFullDisk() throws {
    let disk = try #require(SmallDisk(at: folder.file("disk"), bytes: 1 << 20))
    let writer = try EventFileWriter(folder: disk.path + "/board")
    writer.write([scalar(1)])
    eventually {
      folder.names(in: "disk") == ["board"] && folder.names(in: "disk/board").count == 1
    }
    let path = try folder.file("disk/board/" + #require(folder.names(in: "disk/board").first))
    eventually { bytes(of: path).count > 0 }
    disk.fill()
    var problems: [String] = []
    for step in 2...2000 { writer.write([scalar(step)]) }
    eventually {
      problems += writer.problems()
      return !problems.isEmpty
    }
    #expect(problems.count == 1 && problems[0].contains("the disk is full"), "\(problems)")
    disk.makeRoom()
    eventually {
      problems += writer.problems()
      return problems.count > 1
    }
    writer.stop()
    #expect(problems.count == 2 && problems[1].hasSuffix("0 records lost"), "\(problems)")
    let expected = (1...2000).flatMap { scalar($0).record }
    #expect(bytes(of: path).suffix(expected.count) == expected[...])
  }

  @Test("a folder that cannot be made is reported, and the writer still ends")
  func noFolder() throws {
    folder.write("a file", to: "board")
    let writer = try EventFileWriter(folder: folder.file("board"))
    writer.write([scalar(1)])
    writer.stop()
    let problems = writer.problems()
    #expect(problems.count == 1 && problems[0].contains("cannot be created"), "\(problems)")
  }
}
