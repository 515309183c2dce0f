import CAllocations
import Foundation
import Support

/// How many damaged versions are tried, and where notes about them are kept.
struct MutationSettings {
  /// The numbers of the versions.
  let numbers: Range<Int>
  /// Whether versions of an earlier run are made again, to find the one that ended it.
  let isRepeating: Bool
  /// Where notes are kept; `nil` in `make test`, which keeps none.
  let folder: String?

  init() {
    let environment = ProcessInfo.processInfo.environment
    let first = environment["DINO_MUTATIONS_FROM"].flatMap(Int.init)
    let count = environment["DINO_MUTATIONS"].flatMap(Int.init) ?? 1000
    numbers = (first ?? 0)..<((first ?? 0) + count)
    isRepeating = first != nil
    folder = environment["DINO_MUTATIONS_FOLDER"]
  }
}

/// Keeps the number of the version that a reader is trying in a file, and reports progress.
final class MutationProgress {
  private let reader: String
  private let settings: MutationSettings
  /// Mapped, so that the number survives the process at the cost of a store.
  private let number: UnsafeMutablePointer<Int>?
  private let began = Clock.monotonic()
  private var nextReport = Clock.monotonic() + 10

  init(_ reader: String, _ settings: MutationSettings) {
    self.reader = reader
    self.settings = settings
    number = settings.folder.flatMap { Self.map("\($0)/\(reader).number") }
  }

  private static func map(_ path: String) -> UnsafeMutablePointer<Int>? {
    let file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { return nil }
    defer { close(file) }
    guard ftruncate(file, 8) == 0,
      let place = mmap(nil, 8, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), place != MAP_FAILED
    else { return nil }
    return place.assumingMemoryBound(to: Int.self)
  }

  /// Notes that a version is about to be read, and now and then says how far the reader is.
  func begin(_ version: Int) {
    guard let number else { return }
    number.pointee = version
    guard version % 64 == 0, Clock.monotonic() > nextReport else { return }
    nextReport = Clock.monotonic() + 10
    let done = version - settings.numbers.lowerBound
    let rate = Double(done) / (Clock.monotonic() - began)
    let left = Double(settings.numbers.count - done) / max(rate, 1e-9)
    write("\(done) of \(settings.numbers.count), \(Int(rate)) a second, \(Int(left)) s left")
  }

  /// Keeps a version as a file, before it is read.
  func keep(_ version: [UInt8]) {
    guard let folder = settings.folder else { return }
    try? Data(version).write(to: URL(fileURLWithPath: "\(folder)/\(reader).input"))
  }

  /// Reports what a reader did with all its versions.
  func say(_ summary: String) {
    guard let folder = settings.folder else { return }
    let line = "\(summary), \(Int(Clock.monotonic() - began)) s"
    write(line)
    try? Data("\(reader): \(line)\n".utf8).write(
      to: URL(fileURLWithPath: "\(folder)/\(reader).done"))
  }

  /// Removes the note of the number, since the reader has survived.
  func finish() {
    guard let folder = settings.folder, let number else { return }
    munmap(number, 8)
    unlink("\(folder)/\(reader).number")
  }

  private func write(_ text: String) {
    FileHandle.standardError.write(Data("\(reader): \(text)\n".utf8))
  }
}

/// How much the memory in use has grown at most.
///
/// It is what this thread holds of the allocator, so that tests beside it do not count. Under the
/// address sanitizer, which has an allocator of its own, it is the process's resident peak.
struct MemoryGrowth {
  private(set) var bytes = 0
  private var resident = 0

  /// Returns how many megabytes a reader may take that is allowed some. The sanitizer puts zones
  /// around each object and holds back what was freed.
  func allowance(_ megabytes: Int) -> Int {
    allocations_are_counted() ? megabytes : 3 * megabytes + 64
  }

  mutating func begin() {
    resident = ResidentMemory.peakBytes
    allocations_watch(true)
  }

  mutating func end() {
    allocations_watch(false)
    bytes = allocations_are_counted() ? allocations_peak() : ResidentMemory.peakBytes - resident
  }
}
