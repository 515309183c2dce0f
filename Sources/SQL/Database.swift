import CSQLite
import Support

#if canImport(Glibc)
  import Glibc
#endif

/// A connection to a SQLite file. One thread owns it and its statements.
package final class Database<Failure: DatabaseFailure> {
  package let path: String
  private let handle: OpaquePointer

  /// Opens the file.
  package init(path: String, mode: DatabaseMode) throws(Failure) {
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
  package func wait(_ milliseconds: Int32) { sqlite3_busy_timeout(handle, milliseconds) }

  deinit { sqlite3_close_v2(handle) }

  /// Runs SQL statements that return no rows.
  package func run(_ sql: String) throws(Failure) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw error(code) }
  }

  /// Returns a prepared statement.
  package func prepare(_ sql: String) throws(Failure) -> Statement<Failure> {
    var prepared: OpaquePointer?
    let code = sqlite3_prepare_v2(handle, sql, -1, &prepared, nil)
    guard code == SQLITE_OK, let prepared else { throw error(code) }
    return Statement(prepared, of: self)
  }

  /// The number of rows that the last statement changed.
  package var changes: Int { Int(sqlite3_changes(handle)) }

  /// Returns the first column of the first row; 0 if there is none.
  package func integer(_ sql: String) throws(Failure) -> Int {
    let statement = try prepare(sql)
    return try statement.step() ? statement.integer(0) : 0
  }

  /// Returns the names of a table's columns, in order; empty if there is no such table.
  package func columns(of table: String) throws(Failure) -> [String] {
    let statement = try prepare("SELECT name FROM pragma_table_info('\(table)') ORDER BY cid")
    var names: [String] = []
    while try statement.step() { names.append(statement.text(0)) }
    return names
  }

  /// Runs `body` in a transaction, which is rolled back if it throws or cannot be committed.
  package func transaction(_ body: () throws(Failure) -> Void) throws(Failure) {
    do {
      try run("BEGIN IMMEDIATE")
      try body()
      try run("COMMIT")
    } catch {
      if isInTransaction { try? run("ROLLBACK") }
      throw error
    }
  }

  /// Reserves room on the disk for so many bytes at the end of the write-ahead log, so that what is
  /// written next finds room even if the disk is full then. Returns whether there is room, also
  /// where a file system cannot reserve any.
  @discardableResult
  package func reserve(_ bytes: Int) -> Bool {
    let file = FileSystem.open(path + "-wal", O_WRONLY)
    guard file >= 0 else { return true }
    defer { close(file) }
    guard let status = try? FileStatus(of: file, path: path) else { return true }
    guard dino_reserve(file, Int64(status.size), Int64(bytes)) != 0 else { return true }
    return ![ENOSPC, EDQUOT, EFBIG].contains(errno)
  }

  /// Whether a transaction is open. SQLite itself ends a transaction after some failures.
  package var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  func error(_ code: Int32) -> Failure {
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
package final class Statement<Failure: DatabaseFailure> {
  private let handle: OpaquePointer
  private let database: Database<Failure>

  init(_ handle: OpaquePointer, of database: Database<Failure>) {
    self.handle = handle
    self.database = database
  }

  deinit { sqlite3_finalize(handle) }

  /// Moves to the next row. Returns `false` at the end and resets the statement, so that it can
  /// run again.
  package func step() throws(Failure) -> Bool {
    let code = sqlite3_step(handle)
    if code == SQLITE_ROW { return true }
    let failure = code == SQLITE_DONE ? nil : database.error(code)
    sqlite3_reset(handle)
    if let failure { throw failure }
    return false
  }

  /// Runs a statement that returns no rows.
  package func run() throws(Failure) { _ = try step() }

  /// Binds a value to a parameter; `nil` becomes NULL.
  package func bind(_ value: Int?, at index: Int) {
    if let value {
      sqlite3_bind_int64(handle, Int32(index + 1), Int64(value))
    } else {
      sqlite3_bind_null(handle, Int32(index + 1))
    }
  }

  /// Binds a number to a parameter; `nil` and values that are not finite become NULL.
  package func bind(_ value: Double?, at index: Int) {
    if let value, value.isFinite {
      sqlite3_bind_double(handle, Int32(index + 1), value)
    } else {
      sqlite3_bind_null(handle, Int32(index + 1))
    }
  }

  /// Binds a text to a parameter; `nil` becomes NULL.
  package func bind(_ value: String?, at index: Int) {
    if let value {
      let bytes = Int32(value.utf8.count)
      _ = value.withCString { dino_sqlite3_bind_text(handle, Int32(index + 1), $0, bytes) }
    } else {
      sqlite3_bind_null(handle, Int32(index + 1))
    }
  }

  /// Binds bytes to a parameter; `nil` becomes NULL.
  package func bind(_ value: [UInt8]?, at index: Int) {
    if let value {
      _ = value.withUnsafeBytes {
        dino_sqlite3_bind_blob(handle, Int32(index + 1), $0.baseAddress, Int32($0.count))
      }
    } else {
      sqlite3_bind_null(handle, Int32(index + 1))
    }
  }

  /// Whether a column of the row is NULL.
  package func isNull(_ column: Int) -> Bool {
    sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL
  }
  /// Returns a column of the row as a whole number; 0 if it is none.
  package func integer(_ column: Int) -> Int { Int(sqlite3_column_int64(handle, Int32(column))) }
  /// Returns a column of the row as a number; 0 if it is none.
  package func double(_ column: Int) -> Double { sqlite3_column_double(handle, Int32(column)) }

  /// Returns a column of the row as a text; empty if it is NULL.
  package func text(_ column: Int) -> String {
    sqlite3_column_text(handle, Int32(column)).map { String(cString: $0) } ?? ""
  }

  /// Returns a column of the row as bytes; empty if it is NULL.
  package func bytes(_ column: Int) -> [UInt8] {
    let count = Int(sqlite3_column_bytes(handle, Int32(column)))
    guard count > 0, let start = sqlite3_column_blob(handle, Int32(column)) else { return [] }
    return Array(UnsafeRawBufferPointer(start: start, count: count))
  }

  /// Returns the value that `read` finds in a column; `nil` if the column is NULL.
  package func optional<Value>(_ column: Int, _ read: (Int) -> Value) -> Value? {
    isNull(column) ? nil : read(column)
  }
}
