import FoundationEssentials
import History
import Run
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct HistoryTests {
  let folder = TemporaryFolder()

  @Test("what is written is read back to the last bit, after the writer has closed")
  func roundTrip() throws {
    let writer = try HistoryWriter(directory: folder.run())
    var expected = RunRecord(status: Example.status())
    try writer.set(Example.status())
    let plan = [PlannedCurve(metric: .lr, steps: [1, 1000], values: [0.1, 1 / 3.0])]
    try writer.set(plan)
    expected.set(plan)
    for step in 1...300 {
      try writer.append(Example.sample(step))
      expected.append(Example.sample(step))
    }
    try writer.append(Example.event(7))
    expected.append(Example.event(7))
    try writer.append(Example.evaluation(100))
    expected.append(Example.evaluation(100))
    try writer.commit(Example.entry("one", step: 8))
    expected.append(Example.entry("one", step: 8))
    try writer.close()
    #expect(access(folder.run().database + "-wal", F_OK) != 0)

    let reader = try HistoryReader(directory: folder.run())
    #expect(try reader.record() == expected)
    #expect(try reader.lastStatus() == Example.status())
  }

  @Test("a reader sees what was flushed while the writer goes on")
  func readingDuringWriting() throws {
    let writer = try HistoryWriter(directory: folder.run())
    try writer.set(Example.status())
    for step in 1...10 { try writer.append(Example.sample(step)) }
    try writer.flush()
    let reader = try HistoryReader(directory: folder.run())
    try writer.append(Example.sample(11))
    #expect(try reader.record().samples.map(\.step) == Array(1...10))
    for step in 12...200 { try writer.append(Example.sample(step)) }
    try writer.flush()
    #expect(try reader.lastStep() == 200)
  }

  @Test("an event, a command and a change of state can be read at once, without a flush")
  func atOnce() throws {
    let writer = try HistoryWriter(directory: folder.run())
    try writer.set(Example.status(.running))
    let reader = try HistoryReader(directory: folder.run())
    try writer.append(Example.sample(1))
    try writer.append(Example.event(1))
    #expect(try reader.lastStep() == 1)
    #expect(try reader.events(limit: 5).count == 1)
    try writer.commit(Example.entry("a", step: 2))
    #expect(try reader.journal().entries.map(\.id) == ["a"])
    try writer.set(Example.status(.paused))
    #expect(try reader.lastStatus().state == .paused)
  }

  @Test("a long run is thinned as it is in memory, and can be read whole")
  func thinning() throws {
    let writer = try HistoryWriter(directory: folder.run())
    var expected = RunRecord(status: Example.status())
    try writer.set(Example.status())
    for step in 1...9001 {
      try writer.append(Example.sample(step))
      expected.append(Example.sample(step))
    }
    try writer.append(Example.sample(9002))
    expected.append(Example.sample(9002))
    try writer.flush()
    let reader = try HistoryReader(directory: folder.run())
    #expect(try reader.record() == expected)
    var steps: [Int] = []
    try reader.samples(in: 4000...9001) { steps.append($0.step) }
    #expect(steps == Array(4000...9001))
    steps = []
    try reader.samples(in: 6...40, stride: 8) { steps.append($0.step) }
    #expect(steps == [9, 17, 25, 33])
  }

  @Test("going back to a checkpoint forgets what was measured after it and keeps the events")
  func goingBack() throws {
    let writer = try HistoryWriter(directory: folder.run())
    try writer.set(Example.status())
    for step in 1...100 {
      try writer.append(Example.sample(step))
      if step % 10 == 0 {
        try writer.append(Example.evaluation(step))
        try writer.append(Example.event(step))
        try writer.commit(Example.entry("\(step)", step: step))
      }
    }
    // The journal of a checkpoint, with an entry that the database has lost.
    let journal = Journal([50, 20, 105].map { Example.entry("\($0)", step: $0) })
    try writer.rewind(to: 55, journal: journal)
    let reader = try HistoryReader(directory: folder.run())
    let record = try reader.record()
    #expect(record.samples.last?.step == 55)
    #expect(record.evaluations.last?.step == 50)
    #expect(record.journal.map(\.step) == Array(stride(from: 10, through: 100, by: 10)) + [105])
    #expect(record.events.last?.step == 100)
    try writer.append(Example.sample(56))
    try writer.flush()
    #expect(try reader.lastStep() == 56)
  }

  @Test("a step that is done again replaces what was recorded from it on, as in memory")
  func rewinding() throws {
    let writer = try HistoryWriter(directory: folder.run())
    var expected = RunRecord(status: Example.status())
    try writer.set(Example.status())
    for step in Array(1...50) + Array(35...40) {
      // A change that applies from a step on is in the journal before the sample of that step.
      if step % 7 == 0 {
        try writer.commit(Example.entry("\(step)", step: step))
        expected.append(Example.entry("\(step)", step: step))
      }
      try writer.append(Example.sample(step))
      expected.append(Example.sample(step))
    }
    #expect(expected.journal.map(\.step) == [7, 14, 21, 28, 35, 42, 49])
    try writer.flush()
    #expect(try HistoryReader(directory: folder.run()).record() == expected)
  }

  @Test("a writer that opens a run again goes on with it")
  func reopening() throws {
    do {
      let writer = try HistoryWriter(directory: folder.run())
      try writer.set(Example.status())
      try writer.append(Example.sample(1))
      try writer.close()
    }
    let writer = try HistoryWriter(directory: folder.run())
    try writer.append(Example.sample(2))
    try writer.flush()
    let record = try HistoryReader(directory: folder.run()).record()
    #expect(record.samples.map(\.step) == [1, 2])
  }

  @Test("events are read page by page, from the last")
  func paging() throws {
    let writer = try HistoryWriter(directory: folder.run())
    for step in 1...25 { try writer.append(Example.event(step)) }
    let reader = try HistoryReader(directory: folder.run())
    #expect(try reader.events(limit: 10).map(\.step) == Array(16...25))
    #expect(try reader.events(limit: 10, skippingLast: 10).map(\.step) == Array(6...15))
    #expect(try reader.events(limit: 10, skippingLast: 20).map(\.step) == Array(1...5))
  }

  @Test("a value that is not finite is recorded as absent")
  func notFinite() throws {
    let writer = try HistoryWriter(directory: folder.run())
    try writer.set(Example.status())
    try writer.append(Sample(step: 1, time: 1, values: [.totalLoss: .nan, .lr: .infinity]))
    try writer.flush()
    let record = try HistoryReader(directory: folder.run()).record()
    #expect(record.samples == [Sample(step: 1, time: 1, values: [:])])
  }
}

@Suite struct RunDirectoryTests {
  @Test("runs are listed by name, and a folder without a run is none")
  func list() throws {
    let folder = TemporaryFolder()
    for name in ["zebra", "ant"] { _ = try HistoryWriter(directory: folder.run(name)) }
    try folder.run("empty").create()
    #expect(try RunDirectory.list(parent: folder.path).map(\.name) == ["ant", "zebra"])
    #expect(try RunDirectory.list(parent: folder.path + "/none").isEmpty)
  }

  @Test("a folder of runs is the same however it is spelled, there or not, and so are the sockets")
  func spellings() throws {
    let folder = TemporaryFolder()
    folder.write("", to: "there/file")
    let current = FileManager.default.currentDirectoryPath
    let up = current.split(separator: "/").map { _ in ".." }.joined(separator: "/")
    for name in ["there", "not/yet"] {
      let plain = RunDirectory(name: "run", parent: "\(folder.path)/\(name)")
      for spelling in [
        "\(folder.path)/\(name)/", "\(folder.path)/./\(name)", "\(folder.path)//\(name)/.",
        "\(up)\(folder.path)/\(name)", "\(folder.path)/gone/../\(name)",
        "\(folder.path)/a/./b/../../\(name)",
      ] {
        let other = RunDirectory(name: "run", parent: spelling)
        #expect(other == plain && other.sockets == plain.sockets, "\(spelling)")
      }
    }
    let standard = RunDirectory(name: "run")
    #expect(RunDirectory(name: "run", parent: RunDirectory.defaultParent + "/") == standard)
    withExtendedLifetime(folder) {}
  }

  @Test("a second daemon is told which process trains the run, and how to attach")
  func lock() throws {
    let folder = TemporaryFolder()
    #expect(RunLock.holder(of: folder.run()) == nil)
    do {
      let lock = try RunLock(directory: folder.run())
      #expect(RunLock.holder(of: folder.run()) == getpid())
      #expect(throws: HistoryError.locked(name: "run", pid: getpid())) {
        try RunLock(directory: folder.run())
      }
      // The rejected attempt must not overwrite the holder's pid.
      #expect(RunLock.holder(of: folder.run()) == getpid())
      withExtendedLifetime(lock) {}
    }
    #expect(RunLock.holder(of: folder.run()) == nil)
    _ = try RunLock(directory: folder.run())
    #expect(
      HistoryError.locked(name: "run", pid: 1234).description
        == "run run is already being trained by process 1234; attach with: dino attach run")
  }

  @Test("a lock that another process holds is respected, and free when it has died")
  func lockOfAnotherProcess() throws {
    let folder = TemporaryFolder()
    try folder.run().create()
    let lock = folder.run().lock
    let script = "exec 9>>\(lock); flock 9; echo $$ > \(lock); exec sleep 60"
    var process = pid_t()
    let arguments = ["sh", "-c", script].map { $0.withCString { strdup($0) } } + [nil]
    defer { for argument in arguments { free(argument) } }
    try #require(posix_spawn(&process, "/bin/sh", nil, nil, arguments, environ) == 0)
    var waited = 0
    while RunLock.holder(of: folder.run()) != process && waited < 500 {
      usleep(10_000)
      waited += 1
    }
    #expect(throws: HistoryError.locked(name: "run", pid: process)) {
      try RunLock(directory: folder.run())
    }
    kill(process, SIGKILL)
    waitpid(process, nil, 0)
    _ = try RunLock(directory: folder.run())
  }
}
