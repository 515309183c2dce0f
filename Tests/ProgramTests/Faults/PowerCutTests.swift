import Foundation
import Synchronization
import Testing

/// Power cuts after every call of a recorded run. What is left on the disk is computed by a model
/// of one, and real daemons' code starts on it.
@Suite("Power cuts")
struct PowerCutTests {
  @Test("whenever the power fails, what was acknowledged is kept")
  func anyMoment() async throws {
    let recorded = try Recorded()
    let ending = try recorded.driver.run(record: recorded.path)
    try #require(ending.code == 0, "\(ending)")
    let calls = try recorded.calls()
    // Nothing escaped the record: replayed, it makes the files that are really there.
    let disk = recorded.emptyDisk()
    calls.forEach(disk.apply)
    let real = try DiskTree(reading: recorded.driver.root)
    try #require(PowerCut.everything.tree(of: disk) == real)

    let trial = PowerCutTrial(calls: calls, cuts: 1...calls.count, seeds: 3)
    let problems = await recorded.problems(trial)
    print("tried \(trial.states.load(ordering: .relaxed)) states after \(calls.count) calls")
    #expect(problems.isEmpty, "\(problems.count): \(problems.prefix(20).joined(separator: "\n"))")
  }

  @Test("so it is if the process was killed and restarted shortly before")
  func afterKill() async throws {
    let whole = try Recorded()
    try #require(whole.driver.run().code == 0)
    // A kill shortly before a folder's sync matters most.
    let places = try whole.driver.calls().enumerated().filter {
      $0.element == "r" || ($0.element == "m" && $0.offset < 10)
        || $0.offset % FaultTests.stride(32) == 0
    }
    var (states, problems) = (0, [String]())
    for (index, letter) in places {
      let recorded = try Recorded()
      _ = try recorded.driver.run(fault: .crash, at: index + 1, record: recorded.path)
      let before = try recorded.calls().count
      var again = recorded.driver
      again.first = 3
      _ = try again.run(record: recorded.path)
      // A run that is just being created promises nothing for a while.
      let reach = index < 80 ? 120 : 30
      let trial = PowerCutTrial(
        calls: try recorded.calls(), cuts: before + 1...before + reach, seeds: 1)
      problems += await recorded.problems(trial)
        .map { "killed after call \(index + 1) (\(letter)), then \($0)" }
      states += trial.states.load(ordering: .relaxed)
    }
    print("tried \(states) states after \(places.count) kills")
    #expect(problems.isEmpty, "\(problems.count): \(problems.prefix(20).joined(separator: "\n"))")
  }
}

/// A run of the driver that is recorded.
private struct Recorded: Sendable {
  let folder = MemoryFolder()
  let driver: FaultDriver
  private let inode: UInt64

  init() throws {
    driver = FaultDriver(root: try folder.empty("root"), log: folder.file("log"))
    inode =
      try FileManager.default.attributesOfItem(atPath: driver.root)[.systemFileNumber] as! UInt64
  }

  var path: String { folder.file("record") }

  func emptyDisk() -> Disk { Disk(root: inode) }

  func calls() throws -> [DiskRecord.Call] {
    try DiskRecord(path: path, root: driver.root).calls
  }

  func problems(_ trial: PowerCutTrial) async -> [String] {
    await inPairs { part in
      do {
        return try trial.problems(emptyDisk(), part) { try folder.empty("cut\(part)") }
      } catch {
        return ["\(error)"]
      }
    }
  }
}

/// Power cuts after some of the calls of a record.
private final class PowerCutTrial: Sendable {
  private let calls: [DiskRecord.Call]
  private let cuts: ClosedRange<Int>
  private let seeds: Int
  /// The number of different states of the disk that were tried.
  let states = Atomic(0)

  /// - Parameters:
  ///   - cuts: the numbers of calls after which the power is cut. It is not cut between two
  ///     writes, since the states after the second one are those after the first one and more.
  ///   - seeds: how many states are drawn at random for each of them.
  init(calls: [DiskRecord.Call], cuts: ClosedRange<Int>, seeds: Int) {
    (self.calls, self.cuts, self.seeds) = (calls, cuts, seeds)
  }

  /// Returns what is lost in every second of the cuts.
  func problems(
    _ disk: Disk, _ part: Int, emptyFolder: () throws -> String
  ) throws -> [String] {
    var problems: [String] = []
    var output = ""
    var tried: Set<[Int]> = []
    for (index, call) in calls.prefix(cuts.upperBound).enumerated() {
      disk.apply(call)
      if case .output(let text) = call { output += text }
      if case .write = call, index + 1 < calls.count, case .write = calls[index + 1] { continue }
      guard cuts.contains(index + 1), index % 2 == part else { continue }
      let promises = Promises(output)
      for cut in powerCuts(UInt64(index)) {
        let tree = cut.tree(of: disk)
        guard tried.insert([tree.fingerprint, output.count]).inserted else { continue }
        let folder = try emptyFolder()
        try tree.write(to: folder)
        let found = promises.broken(by: RecoveredRun(parent: FaultDriver.runs(in: folder)))
        problems += found.map { "call \(index + 1), \(cut): \($0)" }
        states.add(1, ordering: .relaxed)
      }
    }
    return problems
  }

  private func powerCuts(_ index: UInt64) -> [PowerCut] {
    let drawn = (0..<UInt64(seeds)).map { PowerCut.some(seed: index * 100 + $0) }
    return [.nothing, .everything, .contents, .names] + drawn
  }
}
