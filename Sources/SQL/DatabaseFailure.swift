/// An error of the owner of a database, which has a case for each way in which SQLite fails.
package protocol DatabaseFailure: Error {
  /// The file is not a database, or its contents are inconsistent.
  static func damaged(path: String, detail: String) -> Self
  /// The disk is full.
  static func full(path: String) -> Self
  /// Another program holds the database's lock.
  static func busy(path: String) -> Self
  /// Any other failure of the system or SQLite.
  static func failed(path: String, detail: String) -> Self
}

/// How a database's file is opened; `readWrite` creates it.
package enum DatabaseMode { case readOnly, readWrite }
