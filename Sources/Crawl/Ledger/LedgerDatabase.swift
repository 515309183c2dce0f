import CSQLite
import Support

/// A connection to the SQLite file of a ledger, or to a ledger in memory. One thread uses it.
final class LedgerDatabase {
  private let path: String
  private let handle: OpaquePointer
  private var statements: [String: OpaquePointer] = [:]

  /// A value of a parameter or a column.
  enum Value: Equatable {
    case null
    case integer(Int)
    case real(Double)
    case text(String)
  }

  /// Opens a file, which is created if it is missing, for this connection alone; or a database in
  /// memory if there is no path.
  init(path: String?) throws(FileError) {
    self.path = path ?? "the ledger in memory"
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    let code = sqlite3_open_v2(FilePath.c(path ?? ":memory:"), &opened, flags, nil)
    guard let opened else {
      throw FileError(file: self.path, what: "memory is short", remedy: "close other programs")
    }
    handle = opened
    guard code == SQLITE_OK else { throw error(code) }
    sqlite3_busy_timeout(handle, 2000)
    // A second process would fetch everything twice.
    try run("PRAGMA locking_mode = EXCLUSIVE")
    try run("PRAGMA journal_mode = WAL")
    try run("PRAGMA synchronous = FULL")
    try run("BEGIN IMMEDIATE")
    try run("COMMIT")
  }

  deinit {
    for statement in statements.values { sqlite3_finalize(statement) }
    sqlite3_close_v2(handle)
  }

  /// Runs a statement with values for its parameters. `row` is called with each row's values.
  func run(
    _ sql: String, _ values: [Value] = [], row: ([Value]) throws(FileError) -> Void = { _ in }
  ) throws(FileError) {
    let statement = try prepared(sql)
    defer { sqlite3_reset(statement) }
    for (number, value) in values.enumerated() { bind(value, to: statement, at: Int32(number + 1)) }
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW:
        try row((0..<sqlite3_column_count(statement)).map { Self.column(statement, $0) })
      case SQLITE_DONE: return
      case let code: throw error(code)
      }
    }
  }

  /// Returns the first column of the first row; `nil` if there is none.
  func first(_ sql: String, _ values: [Value] = []) throws(FileError) -> Value? {
    var found: Value?
    try run(sql, values) { (row) throws(FileError) in found = found ?? row[0] }
    return found
  }

  /// How many rows the last statement changed.
  var changes: Int { Int(sqlite3_changes(handle)) }

  /// Runs `body` in a transaction, which is undone if it throws.
  func transaction(_ body: () throws(FileError) -> Void) throws(FileError) {
    try run("BEGIN IMMEDIATE")
    do throws(FileError) {
      try body()
      try run("COMMIT")
    } catch {
      if sqlite3_get_autocommit(handle) == 0 { try? run("ROLLBACK") }
      throw error
    }
  }

  private func prepared(_ sql: String) throws(FileError) -> OpaquePointer {
    if let known = statements[sql] { return known }
    var made: OpaquePointer?
    let code = sqlite3_prepare_v2(handle, sql, -1, &made, nil)
    guard code == SQLITE_OK, let made else { throw error(code) }
    statements[sql] = made
    return made
  }

  private func bind(_ value: Value, to statement: OpaquePointer, at index: Int32) {
    switch value {
    case .null: sqlite3_bind_null(statement, index)
    case .integer(let number): sqlite3_bind_int64(statement, index, Int64(number))
    case .real(let number): sqlite3_bind_double(statement, index, number)
    case .text(let text):
      _ = text.withCString {
        dino_sqlite3_bind_text(statement, index, $0, Int32(clamping: text.utf8.count))
      }
    }
  }

  private static func column(_ statement: OpaquePointer, _ index: Int32) -> Value {
    switch sqlite3_column_type(statement, index) {
    case SQLITE_INTEGER: .integer(Int(sqlite3_column_int64(statement, index)))
    case SQLITE_FLOAT: .real(sqlite3_column_double(statement, index))
    case SQLITE_TEXT: .text(sqlite3_column_text(statement, index).map { String(cString: $0) } ?? "")
    default: .null
    }
  }

  private func error(_ code: Int32) -> FileError {
    let detail = String(cString: sqlite3_errmsg(handle))
    let remedy =
      switch code & 0xFF {
      case SQLITE_BUSY, SQLITE_LOCKED: "another process uses it; wait for its end"
      case SQLITE_FULL: "make room there and try again"
      case SQLITE_CORRUPT, SQLITE_NOTADB: "it is damaged; move it away and gather anew"
      default: "check the path and the disk"
      }
    return FileError(
      file: path, what: detail, remedy: remedy,
      cause: code & 0xFF == SQLITE_CORRUPT || code & 0xFF == SQLITE_NOTADB ? .damage : .other)
  }
}

extension LedgerDatabase.Value {
  /// The number in a column; 0 if it is none.
  var integer: Int {
    switch self {
    case .integer(let number): number
    case .real(let number): Int(exactly: number.rounded()) ?? 0
    default: 0
    }
  }

  /// The number in a column; 0 if it is none.
  var real: Double {
    switch self {
    case .integer(let number): Double(number)
    case .real(let number): number
    default: 0
    }
  }

  /// The text in a column; empty if it is none.
  var text: String { if case .text(let text) = self { text } else { "" } }
}
