import SQL
import Support

/// An error in a run's directory or database. Each is one line for the user.
package enum HistoryError: DatabaseFailure, Equatable, CustomStringConvertible {
  /// There is no database at `path`.
  case missing(path: String)
  /// The database has no status, because the daemon ended before it began to train.
  case empty(path: String)
  /// A later version of Dino wrote the database.
  case newer(path: String, found: Int, known: Int)
  /// An earlier version of Dino wrote the database, and its journal cannot be read.
  case older(path: String, found: Int, known: Int)
  /// The file is not a database, or its contents are inconsistent.
  case damaged(path: String, detail: String)
  /// The disk is full, and something could not be recorded.
  case full(path: String)
  /// Another program holds the database's lock.
  case busy(path: String)
  /// Another daemon holds the run's lock. `pid` is `nil` if it could not be read.
  case locked(name: String, pid: Int32?)
  /// Any other failure of the system or SQLite.
  case failed(path: String, detail: String)

  /// Wraps a failed operation on a file or folder.
  init(_ error: FileError) {
    self = .failed(path: error.file, detail: "\(error.what); \(error.remedy)")
  }

  package var description: String { PrintableText.message(text) }

  private var text: String {
    switch self {
    case .missing(let path):
      "\(path) does not exist: no run was started here; dino ls lists the runs"
    case .empty(let path):
      "\(path) holds no run yet: its daemon ended before the first step; see the log next to it"
    case .newer(let path, let found, let known):
      "\(path) was written by a later Dino (schema \(found), supported is \(known)); update Dino"
    case .older(let path, let found, let known):
      "\(path) was written by an earlier Dino (schema \(found), supported is \(known)); finish the "
        + "run with that version, or start a new run from its weights"
    case .damaged(let path, let detail):
      "\(path) is damaged (\(detail)); move it away to continue without the past charts; "
        + "the checkpoints do not need it"
    case .full(let path): "\(path) cannot grow: the disk is full"
    case .busy(let path): "\(path) is locked by another program; close it there and try again"
    case .locked(let name, let pid):
      "run \(name) is already being trained" + (pid.map { " by process \($0)" } ?? "")
        + "; attach with: dino attach \(name)"
    case .failed(let path, let detail): "\(path): \(detail)"
    }
  }
}

/// A run's database.
typealias HistoryDatabase = Database<HistoryError>
