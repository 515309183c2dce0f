import CAllocations
import Crawl
import Foundation
import Support
import TestSupport

/// The bytes of a file that begins like a PNG; each number has others.
func picture(_ number: Int, bytes count: Int = 200) -> [UInt8] {
  let start = [0x89] + Array("PNG\r\n\u{1A}\n".utf8) + Array("number \(number) ".utf8)
  return start + [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: count - start.count)
}

/// A crawl of the tests' own web, with a ledger and a folder.
final class CrawlSetup {
  let folder = TemporaryFolder()
  let web: TinyWeb
  var options = FetchOptions()
  var rules = CrawlRules()
  var ledger: any CrawlLedger

  init(_ web: TinyWeb) {
    self.web = web
    ledger = try! StoredLedger()
    options.delay = 0
    options.backoff = 0.02
    options.seconds = 5
    options.slowSeconds = 2
    options.reportSeconds = 0.05
    options.privateAccess = .testWeb(["test": web.port])
  }

  deinit { web.stop() }

  /// Adds addresses that wait.
  func add(_ urls: [String]) {
    let links = urls.map { ImageLink(url: try! WebURL($0)) }
    _ = try! ledger.add(links, of: "test", upTo: 1)
  }

  /// Fetches until nothing is left.
  @discardableResult
  func fetch(report: (CrawlProgress) -> Bool = { _ in true }) throws -> CrawlProgress {
    let store = try ImageStore(folder: folder.file("images"))
    return try Fetcher(
      options: options, rules: try CrawlRules.Compiled(rules), ledger: ledger, store: store
    ).run(report: report)
  }

  /// Fetches addresses, and returns how many ended how.
  func outcomes(_ urls: [String]) throws -> [FetchOutcome: Int] {
    add(urls)
    return try fetch().outcomes
  }

  /// The names of all files below the folder of images, sorted.
  var files: [String] {
    let found = FileManager.default.enumerator(atPath: folder.file("images"))
    return (found?.allObjects as? [String] ?? []).filter { $0.contains(".") }.sorted()
  }
}

extension TemporaryFolder {
  /// The paths of all files below a folder within it that have a suffix, sorted.
  func files(below name: String, suffix: String) -> [String] {
    let found = FileManager.default.enumerator(atPath: file(name))
    return (found?.allObjects as? [String] ?? []).filter { $0.hasSuffix(suffix) }.sorted()
  }
}

/// The most bytes that this thread takes while it runs something; 0 under the address sanitizer,
/// which counts none.
func bytesTaken(_ body: () throws -> Void) rethrows -> Int {
  allocations_watch(true)
  defer { allocations_watch(false) }
  try body()
  return allocations_are_counted() ? allocations_peak() : 0
}
