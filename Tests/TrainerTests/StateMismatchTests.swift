import Testing
import Trainer

@Suite("Processes that must hold the same state")
struct StateMismatchTests {
  private func facts(_ count: Int) -> [ProcessFacts] {
    (0..<count).map {
      ProcessFacts(
        number: $0, host: "h\($0)", pid: Int32(10 + $0), version: "1", program: "p",
        processor: "c", precision: "fp32", images: 5)
    }
  }

  private func problem(_ checksums: [[String: String]], of count: Int) -> String? {
    do throws(StateMismatch) {
      try StateMismatch.check(checksums, of: facts(count))
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test("that agree, or were not asked, are no error")
  func agreement() {
    let same = ["student": "a", "average": "b"]
    #expect(problem([same, same, same], of: 3) == nil)
    #expect(problem([], of: 3) == nil)
    #expect(problem([same, ["student": "x"]], of: 3) == nil)
    #expect(problem([same], of: 1) == nil)
  }

  @Test("the one that differs from most is named, with what differs")
  func minority() throws {
    let same = ["student": "a", "average": "b"]
    let found = try #require(problem([same, same, ["student": "x", "average": "b"]], of: 3))
    #expect(
      found.hasPrefix("process 2 (h2, pid 12) computed other bits than most processes: student;"))
    let first = try #require(problem([["student": "x", "average": "y"], same, same], of: 3))
    #expect(
      first.hasPrefix(
        "process 0 (h0, pid 10) computed other bits than most processes: average, student;"))
  }

  @Test("without a majority all are named")
  func two() throws {
    let found = try #require(problem([["student": "a"], ["student": "b"]], of: 2))
    #expect(
      found.hasPrefix(
        "process 0 (h0, pid 10), process 1 (h1, pid 11) computed different bits, so that one of them is wrong: student;"
      ))
  }
}

@Suite("Processes that cannot train together")
struct ProcessFactsTests {
  private var first: ProcessFacts {
    var facts = ProcessFacts(
      number: 0, host: "a", pid: 1, version: "1.0", program: "p", processor: "c",
      precision: "fp32", images: 1200)
    facts.fingerprint = "f"
    return facts
  }

  @Test("what differs is told, and how to mend it")
  func obstacles() {
    func obstacle(mixed: Bool = false, _ change: (inout ProcessFacts) -> Void) -> String? {
      var other = first
      change(&other)
      return other.obstacle(beside: first, mixed: mixed)
    }
    #expect(obstacle { $0.number = 1 } == nil)
    #expect(
      obstacle { $0.version = "0.9" }
        == "runs dinod 0.9, process 0 runs 1.0; install the same on all hosts")
    #expect(obstacle { $0.failure = "no memory" } == "no memory")
    #expect(
      obstacle { $0.images = 1100 }
        == "has 1,100 images, process 0 has 1,200 images; all hosts need the same data.path with the same images"
    )
    #expect(obstacle { $0.fingerprint = "g" }?.hasPrefix("has other images: as many") == true)
    #expect(obstacle { $0.precision = "bf16" }?.contains("set train.compute_precision") == true)
    for change in [{ $0.program = "q" }, { $0.processor = "d" }] as [(inout ProcessFacts) -> Void] {
      #expect(obstacle(change)?.hasSuffix("copy the program, or accept it with --mixed") == true)
      #expect(obstacle(mixed: true, change) == nil)
    }
    // Other images are never accepted.
    #expect(obstacle(mixed: true) { $0.images = 7 } != nil)
  }
}
