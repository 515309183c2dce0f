import CSQLite
import FoundationEssentials
import History
import Run
import Support
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Damaged databases", .serialized)
struct MutationTests {
  private let folder = TemporaryFolder()

  /// Writes a run with one row of each kind, and closes its database.
  private func writeRun() throws {
    let writer = try HistoryWriter(directory: folder.run())
    try writer.set(Example.status())
    try writer.set([PlannedCurve(metric: .lr, steps: [1, 1000], values: [0.1, 1 / 3.0])])
    for step in 1...5 { try writer.append(Example.sample(step)) }
    try writer.append(Example.event(7))
    try writer.append(Example.evaluation(100))
    try writer.commit(Example.entry("one", step: 8))
    var back = Example.entry("two", step: 9)
    (back.change, back.effect) = (.back, .undoes("one"))
    try writer.commit(back)
    try writer.close()
  }

  /// Reads all that a viewer and a resuming daemon read.
  private func readAll() throws {
    let reader = try HistoryReader(directory: folder.run())
    var record = try reader.record()
    record.append(Example.sample(11))
    _ = try reader.lastCheckpoint()
    _ = try reader.journal().inForce
  }

  @Test("a damaged database is read or refused")
  func database() throws {
    try writeRun()
    let path = folder.run().database
    let problems = Mutations.problems(
      "database", [bytes(of: path)], megabytes: 32, accepted: 0.03...0.955
    ) { bytes, _ in
      for suffix in ["-wal", "-shm", "-journal"] { unlink(path + suffix) }
      folder.overwrite(String(path.dropFirst(folder.path.utf8.count + 1)), with: bytes)
      try readAll()
    }
    #expect(problems == [])
  }

  /// The cells of the database that hold text or numbers, by table and column.
  private static let cells = [
    ("state", "value"), ("journal", "arguments"), ("journal", "effect"), ("journal", "change"),
    ("journal", "step"), ("journal", "id"), ("evaluations", "\"values\""),
    ("evaluations", "step"), ("plans", "curve"), ("events", "step"), ("events", "level"),
    ("samples", "lr"),
  ]

  @Test("a row with a damaged value is read, passed over or refused")
  func rows() throws {
    try writeRun()
    var database: OpaquePointer?
    defer { sqlite3_close(database) }
    try #require(sqlite3_open(folder.run().database, &database) == SQLITE_OK)
    func run(_ text: String) { sqlite3_exec(database, text, nil, nil, nil) }
    func value(_ table: String, _ column: String) -> String {
      var statement: OpaquePointer?
      defer { sqlite3_finalize(statement) }
      let query = "SELECT \(column) FROM \(table) ORDER BY rowid"
      sqlite3_prepare_v2(database, query, -1, &statement, nil)
      sqlite3_step(statement)
      return String(cString: sqlite3_column_text(statement, 0))
    }
    run("PRAGMA synchronous = OFF")
    let sound = Self.cells.map { Array(value($0.0, $0.1).utf8) }
    let problems = Mutations.problems(
      "rows", sound, as: .text, megabytes: 32, accepted: 0.03...0.95
    ) { bytes, number in
      let (table, column) = Self.cells[number % sound.count]
      let text = String(decoding: bytes, as: UTF8.self).replacing("'", with: "''")
      let first = "WHERE rowid = (SELECT min(rowid) FROM \(table))"
      run("UPDATE \(table) SET \(column) = '\(text)' \(first)")
      defer {
        let whole = String(decoding: sound[number % sound.count], as: UTF8.self)
        run("UPDATE \(table) SET \(column) = '\(whole)' \(first)")
      }
      try readAll()
    }
    #expect(problems == [])
  }

  @Test("what a damaged origin.json says is taken or refused")
  func origin() throws {
    try folder.run().create()
    try folder.run().write(RunOrigin(run: "other", step: 1000, kind: RunOrigin.branch))
    let sound = sortedJSON(Data(bytes(of: folder.run().originFile)))
    let problems = Mutations.problems(
      "origin", [sound], as: .text, megabytes: 16, accepted: 0.03...0.95
    ) { bytes, _ in
      folder.overwrite("run/origin.json", with: bytes)
      guard try folder.run().origin() != nil else { throw MutationRefusal("none") }
      _ = try folder.run().branchOrigin()
    }
    #expect(problems == [])
  }

  @Test("whatever a lock holds, it is known that the run is locked")
  func lock() throws {
    let lock = try RunLock(directory: folder.run())
    let problems = Mutations.problems(
      "lock", [Array("12345\n".utf8)], as: .text, megabytes: 16, accepted: 1...1
    ) { bytes, number in
      folder.overwrite("run/lock", with: bytes)
      #expect(RunLock.holder(of: folder.run()) != nil, "\(number)")
    }
    #expect(problems == [])
    withExtendedLifetime(lock) {}
  }
}
