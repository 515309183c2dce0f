import Foundation
import Testing

/// Processes that are killed, and calls that fail, one at a time at every place.
@Suite("Faults")
struct FaultTests {
  /// Returns how many calls to go on by, to save time: 1 if `DINO_FAULTS_ALL` is set.
  static func stride(_ number: Int) -> Int {
    ProcessInfo.processInfo.environment["DINO_FAULTS_ALL"] == nil ? number : 1
  }

  private struct Point: Sendable {
    let fault: FaultDriver.Fault
    let call: Int
  }

  @Test("whichever call a kill or an error hits, what was acknowledged is kept")
  func everyPoint() async throws {
    let folder = MemoryFolder()
    let whole = FaultDriver(root: try folder.empty("whole"), log: folder.file("whole-log"))
    let ending = try whole.run()
    try #require(ending.code == 0, "\(ending)")
    #expect(Promises(ending.output).broken(by: RecoveredRun(parent: whole.runs)) == [])
    let calls = try whole.calls()
    let points = Self.points(calls)
    let problems = await inPairs { part in
      var problems: [String] = []
      for point in points.enumerated() where point.offset % 2 == part {
        let at = point.element
        do {
          let driver = FaultDriver(
            root: try folder.empty("part\(part)"), log: folder.file("log\(part)"))
          problems += try Self.problems(driver, at, undisturbed: ending.output)
            .map { "\(at.fault) at call \(at.call) (\(calls[at.call - 1])): \($0)" }
        } catch {
          problems.append("\(at): \(error)")
        }
      }
      return problems
    }
    print("tried \(points.count) faults at \(calls.count) calls")
    #expect(problems.isEmpty, "\(problems.count): \(problems.prefix(20).joined(separator: "\n"))")
  }

  /// Returns every call for a kill, and every fifth one for each other fault.
  private static func points(_ calls: [Character]) -> [Point] {
    let stride = stride(5)
    return calls.indices.flatMap { index in
      FaultDriver.Fault.allCases.enumerated().compactMap { number, fault in
        // Only a write can be short.
        if fault == .short && calls[index] != "w" { return nil }
        guard fault == .crash || index % stride == number % stride else { return nil }
        return Point(fault: fault, call: index + 1)
      }
    }
  }

  /// Returns what goes wrong if a call is hit.
  private static func problems(
    _ driver: FaultDriver, _ point: Point, undisturbed: String
  ) throws -> [String] {
    let ending = try driver.run(fault: point.fault, at: point.call)
    let promises = Promises(ending.output)
    let run = RecoveredRun(parent: driver.runs)
    var problems = promises.broken(by: run)
    if point.fault != .crash && run.journal.map(\.id) != promises.changes {
      problems.append("changes that were refused are in the journal: \(run.journal.map(\.id))")
    }
    let isExpected =
      switch point.fault {
      case .crash: ending.code == 128 + SIGKILL
      case .eio, .enospc: ending.code == 0 || ending.code == 2
      // Half a write is no error. The rest is written with the next call.
      case .short: ending.code == 0 && ending.output == undisturbed
      }
    if !isExpected { problems.append("the driver ended with \(ending)") }
    return problems
  }
}

/// Does work in two parts at the same time. Returns what both found.
func inPairs(
  _ work: @escaping @Sendable (_ part: Int) -> [String]
) async -> [String] {
  async let first = work(0)
  async let second = work(1)
  return await first + second
}
