import CSQLite

/// Lets SQLite merge the write-ahead log into the database, and begin the log anew, every few
/// changes rather than every few hundred. So a short run goes through that many times.
enum FrequentMerging {
  nonisolated(unsafe) private static var last: OpaquePointer?

  /// Begins to note which connections are opened.
  static func begin() {
    typealias Entry = @convention(c) (OpaquePointer?, UnsafeRawPointer?, UnsafeRawPointer?) -> Int32
    let note: Entry = { connection, _, _ in
      FrequentMerging.last = connection
      return SQLITE_OK
    }
    sqlite3_auto_extension(unsafeBitCast(note, to: (@convention(c) () -> Void).self))
  }

  /// Sets how often the connection that was opened last merges its log. SQLite would undo this
  /// while it opens the connection.
  static func apply() { sqlite3_wal_autocheckpoint(last, 24) }
}
