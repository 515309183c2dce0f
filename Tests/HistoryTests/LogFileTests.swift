import Foundation
import History
import TestSupport
import Testing

@Suite("The log of a run")
struct LogFileTests {
  private let folder = TemporaryFolder()
  private var path: String { folder.file("log") }

  private func lines(_ name: String) -> [String] {
    String(decoding: bytes(of: folder.file(name)), as: UTF8.self).split(separator: "\n")
      .map(String.init)
  }

  @Test("a log is bounded: a full one takes the place of the one before, and no line is torn")
  func bounded() {
    let log = LogFile(path: path, limit: 1000)
    for number in 0..<10_000 { log.append("line \(number)") }
    #expect(folder.names() == ["log", "log.1"])
    for name in ["log", "log.1"] { #expect(bytes(of: folder.file(name)).count <= 1000) }
    let kept = lines("log.1") + lines("log")
    #expect(kept == (10_000 - kept.count..<10_000).map { "line \($0)" })
    #expect(kept.count > 90)
  }

  @Test("a log goes on where the last daemon left it")
  func continued() {
    LogFile(path: path, limit: 100).append("first")
    LogFile(path: path, limit: 100).append("second")
    #expect(lines("log") == ["first", "second"])
    LogFile(path: path, limit: 15).append("third")
    #expect(lines("log.1") == ["first", "second"] && lines("log") == ["third"])
  }

  @Test("a line larger than a log is written whole, and a log that cannot turn goes on")
  func odd() throws {
    let log = LogFile(path: path, limit: 10)
    log.append(String(repeating: "x", count: 50))
    #expect(lines("log") == [String(repeating: "x", count: 50)])
    try FileManager.default.createDirectory(
      atPath: path + ".1/full", withIntermediateDirectories: true)
    log.append("more")
    #expect(lines("log").last == "more")
    // There is no folder for this one.
    LogFile(path: folder.file("none/log")).append("lost")
  }
}
