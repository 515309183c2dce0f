import CSQLite
import Support

#if canImport(Glibc)
  import Glibc
#endif

/// A connection to a SQLite file. One thread owns it and its statements.
final class Database {
  let path: String
  fileprivate let handle: OpaquePointer

  /// How the file is opened; `readWrite` creates it.
  enum Mode { case readOnly, readWrite }

  /// Opens the file.
  init(path: String, mode: Mode) throws(HistoryError) {
    self.path = path
    let flags =
      mode == .readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(FilePath.c(path), &opened, flags | SQLITE_OPEN_NOMUTEX, nil)
    guard let opened else { throw .failed(path: path, detail: "out of memory") }
    handle = opened
    guard code == SQLITE_OK else { throw error(code) }
    sqlite3_extended_result_codes(handle, 1)
    wait(5000)
  }

  /// Sets how long statements wait for another connection's lock, in milliseconds.
  func wait(_ milliseconds: Int32) { sqlite3_busy_timeout(handle, milliseconds) }

  deinit { sqlite3_close_v2(handle) }

  /// Runs SQL statements that return no rows.
  func run(_ sql: String) throws(HistoryError) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw error(code) }
  }

  /// Returns a prepared statement.
  func prepare(_ sql: String) throws(HistoryError) -> Statement {
    var prepared: OpaquePointer?
    let code = sqlite3_prepare_v2(handle, sql, -1, &prepared, nil)
    guard code == SQLITE_OK, let prepared else { throw error(code) }
    return Statement(prepared, of: self)
  }

  /// Returns the first column of the first row; 0 if there is none.
  func integer(_ sql: String) throws(HistoryError) -> Int {
    let statement = try prepare(sql)
    return try statement.step() ? statement.integer(0) : 0
  }

  /// Returns the names of a table's columns, in order; empty if there is no such table.
  func columns(of table: String) throws(HistoryError) -> [String] {
    let statement = try prepare("SELECT name FROM pragma_table_info('\(table)') ORDER BY cid")
    var names: [String] = []
    while try statement.step() { names.append(statement.text(0)) }
    return names
  }

  /// Runs `body` in a transaction, which is rolled back if it throws or cannot be committed.
  func transaction(_ body: () throws(HistoryError) -> Void) throws(HistoryError) {
    do {
      try run("BEGIN IMMEDIATE")
      try body()
      try run("COMMIT")
    } catch {
      if isInTransaction { try? run("ROLLBACK") }
      throw error
    }
  }

  /// Reserves room on the disk for so many bytes at the end of the write-ahead log, so that a row
  /// can still be written when the disk is full. Does nothing where that is not possible.
  func reserve(_ bytes: Int) {
    let file = FileSystem.open(path + "-wal", O_WRONLY)
    guard file >= 0 else { return }
    defer { close(file) }
    guard let status = try? FileStatus(of: file, path: path) else { return }
    _ = dino_reserve(file, Int64(status.size), Int64(bytes))
  }

  /// Whether a transaction is open. SQLite itself ends a transaction after some failures.
  var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  fileprivate func error(_ code: Int32) -> HistoryError {
    let detail = String(cString: sqlite3_errmsg(handle))
    return switch code & 0xff {
    case SQLITE_CORRUPT, SQLITE_NOTADB: .damaged(path: path, detail: detail)
    case SQLITE_FULL: .full(path: path)
    case SQLITE_BUSY, SQLITE_LOCKED: .busy(path: path)
    default: .failed(path: path, detail: detail)
    }
  }
}

/// A prepared statement, which can run any number of times. Indices of parameters and columns
/// start at 0.
final class Statement {
  private let handle: OpaquePointer
  private let database: Database

  fileprivate init(_ handle: OpaquePointer, of database: Database) {
    self.handle = handle
    self.database = database
  }

  deinit { sqlite3_finalize(handle) }

  /// Moves to the next row. Returns `false` at the end and resets the statement, so that it can
  /// run again.
  func step() throws(HistoryError) -> Bool {
    let code = sqlite3_step(handle)
    if code == SQLITE_ROW { return true }
    let failure = code == SQLITE_DONE ? nil : database.error(code)
    sqlite3_reset(handle)
    if let failure { throw failure }
    return false
  }

  /// Runs a statement that returns no rows.
  func run() throws(HistoryError) { _ = try step() }

  /// Binds a value to a parameter; `nil` becomes NULL.
  func bind(_ value: Int?, at index: Int) {
    if let value {
      sqlite3_bind_int64(handle, Int32(index + 1), Int64(value))
    } else {
      sqlite3_bind_null(handle, Int32(index + 1))
    }
  }

  /// Binds a number to a parameter; `nil` and values that are not finite become NULL.
  func bind(_ value: Double?, at index: Int) {
    if let value, value.isFinite {
      sqlite3_bind_double(handle, Int32(index + 1), value)
    } else {
      sqlite3_bind_null(handle, Int32(index + 1))
    }
  }

  /// Binds a text to a parameter; `nil` becomes NULL.
  func bind(_ value: String?, at index: Int) {
    if let value {
      let bytes = Int32(value.utf8.count)
      _ = value.withCString { dino_sqlite3_bind_text(handle, Int32(index + 1), $0, bytes) }
    } else {
      sqlite3_bind_null(handle, Int32(index + 1))
    }
  }

  func isNull(_ column: Int) -> Bool { sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL }
  func integer(_ column: Int) -> Int { Int(sqlite3_column_int64(handle, Int32(column))) }
  func double(_ column: Int) -> Double { sqlite3_column_double(handle, Int32(column)) }

  func text(_ column: Int) -> String {
    sqlite3_column_text(handle, Int32(column)).map { String(cString: $0) } ?? ""
  }

  /// Returns the value that `read` finds in a column; `nil` if the column is NULL.
  func optional<Value>(_ column: Int, _ read: (Int) -> Value) -> Value? {
    isNull(column) ? nil : read(column)
  }
}
