import Crawl
import Foundation
import Support
import TestSupport
import Testing

@Suite("Crawls that are killed", .serialized)
struct KillTests {
  /// The web that the driver crawls: pages in an archive that name images of thirty hosts.
  private static func image(_ number: Int) -> String {
    "http://h\(number % 30).test/i/\(number).png"
  }
  private static let count = 900

  private static func answer(_ request: TinyWeb.Request) -> TinyWeb.Answer {
    if request.target == "/robots.txt" { return .text("User-agent: *\nDisallow: /i/7") }
    let number = Int(request.target.dropFirst(3).dropLast(4)) ?? 0
    switch number % 10 {
    case 3: return .status(404)
    case 4: return .redirect("http://h\((number + 1) % 30).test/i/\(number)5.png")
    default: return .init(body: picture(number, bytes: 3000), after: 0.002)
    }
  }

  /// Writes the sources of the crawl, and returns their paths.
  private func sources(_ folder: TemporaryFolder) -> [String] {
    let pages = (0..<60).map { page in
      let images = (0..<10).map { "<img src='\(Self.image(page * 10 + $0))' alt='\(page)'>" }
      return gzip(ArchiveBuilder.response("http://p.test/\(page)", images.joined()))
    }
    let list = (600..<Self.count).map { Self.image($0) + "\n" }.joined()
    return [
      folder.write(Array(pages.joined()), to: "pages.warc.gz"), folder.write(list, to: "list.txt"),
    ]
  }

  private var driver: String {
    let name = "/CrawlDriver"
    // The tests' bundle lies beside the programs, or is loaded by a program that does not.
    let places = CommandLine.arguments + [executablePath]
    return places.map { FilePath.parent(of: FilePath.canonical($0)) + name }
      .first { FileSystem.isFile($0) } ?? "." + name
  }

  /// Runs the driver until it ends, or for so many microseconds. Returns whether it ended.
  private func run(_ root: String, _ arguments: [String], for time: UInt32? = nil) throws -> Bool {
    let child = try ChildProcess(driver, [root] + arguments, output: .file(root + "/log"))
    if let time {
      usleep(time)
      kill(child.pid, SIGKILL)
    }
    while true {
      if let status = child.ending() { return status == 0 }
      usleep(2000)
    }
  }

  /// What a crawl left: the ledger's images and how many ended how, and the files.
  private struct Left: Equatable {
    let kept: [KeptLink]
    let counts: [FetchOutcome: Int]
    let files: [String]

    init(_ root: TemporaryFolder, _ name: String) throws {
      let ledger = try StoredLedger(path: root.file(name + "/ledger.sqlite"))
      (kept, counts) = (try ledger.keptImages(), try ledger.counts())
      files = root.files(below: name + "/images", suffix: ".png")
    }
  }

  @Test("crawls that are killed fifty times in all end as one that is not")
  func killed() throws {
    let folder = TemporaryFolder()
    let sources = sources(folder)
    let sound = TinyWeb(Self.answer)
    defer { sound.stop() }
    try FileSystem.makeFolder(folder.file("whole"))
    let began = Clock.monotonic()
    #expect(try run(folder.file("whole"), ["\(sound.port)"] + sources))
    let took = Clock.monotonic() - began
    let whole = try Left(folder, "whole")
    #expect(whole.counts.values.reduce(0, +) == Self.count)
    #expect(sound.log.allSatisfy { $0.before == 0 || $0.target == "/robots.txt" })
    var kills = 0
    while kills < 50 {
      let web = TinyWeb(Self.answer)
      defer { web.stop() }
      try FileSystem.remove(folder.file("killed"))
      try FileSystem.makeFolder(folder.file("killed"))
      let arguments = ["\(web.port)"] + sources
      while kills < 50 {
        let time = UInt32.random(in: 0...UInt32(1e6 * min(max(took / 4, 0.1), 0.3)))
        if try run(folder.file("killed"), arguments, for: time) { break }
        kills += 1
        try judge(folder, whole)
      }
      _ = try run(folder.file("killed"), arguments)
      #expect(try Left(folder, "killed") == whole)
      // Nothing but images is left there.
      #expect(folder.names(in: "killed/images").allSatisfy { $0.count == 2 })
      #expect(!web.asked.contains { $0.contains("/i/7") })
      // Those of a killed process may not have ended for the web when the next one begins.
      #expect(web.mostAtOnce.values.allSatisfy { $0 <= 4 })
    }
  }

  /// Checks what a killed crawl left: whole images, and no others than a sound crawl keeps.
  private func judge(_ folder: TemporaryFolder, _ whole: Left) throws {
    let files = folder.files(below: "killed/images", suffix: ".png")
    #expect(Set(files).isSubset(of: whole.files))
    for file in files {
      let status = try FileSystem.status(folder.file("killed/images/" + file))
      #expect(status?.size == 3000)
    }
  }
}
