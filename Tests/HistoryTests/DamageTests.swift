import CSQLite
import History
import Run
import Support
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Another program's connection to a database.
private final class Connection {
  private var handle: OpaquePointer?

  init?(_ path: String) {
    guard sqlite3_open(path, &handle) == SQLITE_OK else { return nil }
  }

  deinit { sqlite3_close(handle) }

  func run(_ sql: String) -> Bool { sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK }
}

@Suite struct DamageTests {
  let folder = TemporaryFolder()

  /// Runs SQL on the run's database, as another program would.
  private func sql(_ text: String) throws {
    var database: OpaquePointer?
    defer { sqlite3_close(database) }
    try #require(sqlite3_open(folder.run().database, &database) == SQLITE_OK)
    try #require(sqlite3_exec(database, text, nil, nil, nil) == SQLITE_OK)
  }

  private func overwrite(_ bytes: [UInt8], at offset: Int) {
    let file = open(folder.run().database, O_WRONLY | O_CREAT, 0o644)
    defer { close(file) }
    pwrite(file, bytes, bytes.count, off_t(offset))
  }

  private func writeRun(steps: Int) throws {
    let writer = try HistoryWriter(directory: folder.run())
    try writer.set(Example.status())
    for step in 1...steps { try writer.append(Example.sample(step)) }
    try writer.close()
  }

  @Test("a run that was never begun is named, with the way to find those that were")
  func missing() {
    #expect(throws: HistoryError.missing(path: folder.run().database)) {
      try HistoryReader(directory: folder.run())
    }
  }

  @Test("a database of a later version is refused by reader and writer, and left as it is")
  func newer() throws {
    try writeRun(steps: 3)
    // The user version is a big-endian number at byte 60 of the file.
    overwrite([0, 0, 0, 99], at: 60)
    let error = HistoryError.newer(path: folder.run().database, found: 99, known: 2)
    #expect(throws: error) { try HistoryReader(directory: folder.run()) }
    #expect(throws: error) { try HistoryWriter(directory: folder.run()) }
    overwrite([0, 0, 0, 2], at: 60)
    #expect(try HistoryReader(directory: folder.run()).record().samples.count == 3)
  }

  @Test("a database of an earlier version is refused by reader and writer, and left as it is")
  func older() throws {
    try writeRun(steps: 3)
    overwrite([0, 0, 0, 1], at: 60)
    let error = HistoryError.older(path: folder.run().database, found: 1, known: 2)
    #expect(throws: error) { try HistoryReader(directory: folder.run()) }
    #expect(throws: error) { try HistoryWriter(directory: folder.run()) }
    overwrite([0, 0, 0, 2], at: 60)
    #expect(try HistoryReader(directory: folder.run()).record().samples.count == 3)
  }

  @Test("a file that is no database is called damaged, by its path, in one line")
  func notADatabase() throws {
    try folder.run().create()
    overwrite(Array(repeating: 0x5a, count: 5000), at: 0)
    for open in [
      { _ = try HistoryReader(directory: folder.run()) },
      { _ = try HistoryWriter(directory: folder.run()) },
    ] {
      let error = try #require(throws: HistoryError.self) { try open() }
      guard case .damaged(let path, _) = error else {
        Issue.record("\(error)")
        continue
      }
      #expect(path == folder.run().database)
      #expect(!error.description.contains("\n"))
    }
  }

  @Test("damage within the tables is found where they are read")
  func damagedPages() throws {
    try writeRun(steps: 2000)
    overwrite(Array(repeating: 0xff, count: 200_000), at: 8192)
    let error = try #require(throws: HistoryError.self) {
      try HistoryReader(directory: folder.run()).record()
    }
    guard case .damaged = error else {
      Issue.record("\(error)")
      return
    }
  }

  @Test("an empty database holds no run yet")
  func empty() throws {
    try folder.run().create()
    overwrite([], at: 0)
    #expect(throws: HistoryError.empty(path: folder.run().database)) {
      try HistoryReader(directory: folder.run()).record()
    }
  }

  @Test("metrics that a later version recorded are passed over")
  func unknownMetrics() throws {
    try writeRun(steps: 3)
    try sql("ALTER TABLE samples ADD COLUMN novelty REAL")
    try sql("UPDATE samples SET novelty = 1")
    let samples = try HistoryReader(directory: folder.run()).record().samples
    #expect(samples == (1...3).map(Example.sample))
  }

  @Test("a file of an earlier version gets the columns of the metrics that are new")
  func newMetrics() throws {
    try writeRun(steps: 3)
    try sql("ALTER TABLE samples DROP COLUMN lr")
    #expect(try HistoryReader(directory: folder.run()).record().samples[0].values[.lr] == nil)
    let writer = try HistoryWriter(directory: folder.run())
    try writer.append(Example.sample(4))
    try writer.flush()
    let samples = try HistoryReader(directory: folder.run()).record().samples
    #expect(samples.map { $0.values[.lr] } == [nil, nil, nil, 4e-4])
  }

  @Test(
    "rows that cannot be written are reported once, wait in memory, and are written when they can be"
  )
  func unrecordable() throws {
    let writer = try HistoryWriter(directory: folder.run())
    try writer.set(Example.status())
    for step in 1...10 { try writer.append(Example.sample(step)) }
    try writer.flush()
    try sql("CREATE TRIGGER t BEFORE INSERT ON samples BEGIN SELECT RAISE(ABORT, 'no room'); END")
    var errors: [HistoryError] = []
    for step in 11...500 {
      do { try writer.append(Example.sample(step)) } catch { errors.append(error) }
    }
    #expect(errors == [.failed(path: folder.run().database, detail: "no room")])
    // A change does not depend on the rows that wait.
    try writer.commit(Example.entry("one", step: 500))
    #expect(try HistoryReader(directory: folder.run()).journal().entry("one") != nil)
    #expect(throws: HistoryError.self) { try writer.flush() }
    try sql("DROP TRIGGER t")
    try writer.append(Example.sample(501))
    try writer.flush()
    #expect(writer.dropped == 0)
    let steps = try HistoryReader(directory: folder.run()).record().samples.map(\.step)
    #expect(steps == Array(1...501))
  }

  @Test(
    "a sample of an impossible step ends no reader, and is passed over",
    arguments: [.max, -1, .min])
  func impossibleStep(step: Int) throws {
    try writeRun(steps: 3)
    try sql("INSERT INTO samples(step, time) VALUES(\(step), 0)")
    let reader = try HistoryReader(directory: folder.run())
    #expect(try reader.lastStep() == 3)
    #expect(try reader.record().samples.map(\.step) == [1, 2, 3])
  }

  @Test(
    "events and probes of an impossible step are passed over, and such a change is refused",
    arguments: [.max, -1, .min])
  func impossibleRows(step: Int) throws {
    try writeRun(steps: 3)
    try sql(
      """
      INSERT INTO events(time, step, level, kind, text) VALUES(0, \(step), 'info', 'k', 't');
      INSERT INTO evaluations(step, name, time, images, classes, "values")
        VALUES(\(step), 'knn', 0, 1, 1, '{}');
      """)
    let record = try HistoryReader(directory: folder.run()).record()
    #expect(record.events.isEmpty && record.evaluations.isEmpty)
    try sql(
      """
      INSERT INTO journal(id, time, step, client, change, arguments)
        VALUES('a', 0, \(step), 'c', 'back', '{}')
      """)
    let error = #expect(throws: HistoryError.self) {
      try HistoryReader(directory: folder.run()).record()
    }
    #expect(error?.description.contains("back at an impossible step") == true)
  }

  @Test("the rows that wait are bounded; the oldest are dropped and counted")
  func boundedMemory() throws {
    let writer = try HistoryWriter(directory: folder.run())
    try writer.set(Example.status())
    try writer.flush()
    try sql("CREATE TRIGGER t BEFORE INSERT ON samples BEGIN SELECT RAISE(ABORT, 'no room'); END")
    for step in 1...10_500 { try? writer.append(Example.sample(step)) }
    #expect(writer.dropped == 1000)
    try sql("DROP TRIGGER t")
    try writer.flush()
    let reader = try HistoryReader(directory: folder.run())
    var steps: [Int] = []
    try reader.samples(in: 1...10_500) { steps.append($0.step) }
    #expect(steps == Array(1001...10_500))
  }

  @Test("another program's lock delays no step and a change for two seconds, and loses nothing")
  func locked() throws {
    let writer = try HistoryWriter(directory: folder.run())
    try writer.set(Example.status())
    try writer.flush()
    let other = try #require(Connection(folder.run().database))
    try #require(other.run("BEGIN EXCLUSIVE"))
    let began = Clock.monotonic()
    for step in 1...300 { try writer.append(Example.sample(step)) }
    try writer.append(checkpoint: 300)
    let busy = HistoryError.busy(path: folder.run().database)
    #expect(throws: busy) { try writer.flush() }
    #expect(Clock.monotonic() - began < 1)
    let error = #expect(throws: HistoryError.self) {
      try writer.commit(Example.entry("refused", step: 300))
    }
    #expect(error == busy)
    let waited = Clock.monotonic() - began
    #expect(waited > 1.5 && waited < 4)
    try #require(other.run("COMMIT"))
    try writer.commit(Example.entry("taken", step: 300))
    try writer.flush()
    let reader = try HistoryReader(directory: folder.run())
    #expect(try reader.journal().entries.map(\.id) == ["taken"])
    #expect(try reader.lastStep() == 300)
    #expect(try reader.lastCheckpoint() == 300)
  }

  @Test(
    "records that come while the disk is full leave room for how the run ended",
    .enabled(if: SmallDisk.isPossible, "needs root, to mount a small file system"))
  func fullDisk() throws {
    let disk = try #require(SmallDisk(at: folder.path + "/disk", bytes: 4 << 20))
    let directory = RunDirectory(name: "run", parent: disk.path)
    let writer = try HistoryWriter(directory: directory)
    try writer.set(Example.status())
    try writer.flush()
    disk.fill()
    // An event is written at once: each alone would find room in what is reserved.
    for step in 1...200 { try? writer.append(Example.event(step)) }
    try writer.commit(Example.entry("stop", step: 200))
    try? writer.set(Example.status(.failed, step: 200))
    try? writer.close()
    #expect(try HistoryReader(directory: directory).lastStatus().state == .failed)
    #expect(try HistoryReader(directory: directory).journal().entries.map(\.id) == ["stop"])
  }

  @Test(
    "records that waited while the disk was full are written when there is room",
    .enabled(if: SmallDisk.isPossible, "needs root, to mount a small file system"))
  func roomAgain() throws {
    let disk = try #require(SmallDisk(at: folder.path + "/disk", bytes: 4 << 20))
    let directory = RunDirectory(name: "run", parent: disk.path)
    let writer = try HistoryWriter(directory: directory)
    try writer.set(Example.status())
    try writer.flush()
    disk.fill()
    let full = HistoryError.full(path: directory.database)
    #expect(throws: full) {
      for step in 1...200 { try writer.append(Example.event(step)) }
    }
    #expect(throws: full) { try writer.flush() }
    disk.makeRoom()
    try writer.append(Example.event(200))
    try writer.close()
    let steps = try HistoryReader(directory: directory).record().events.map(\.step)
    #expect(steps == Array(steps.indices.map { $0 + 1 }.dropLast()) + [200])
  }
}
