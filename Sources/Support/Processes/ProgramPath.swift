import Glibc

/// Where programs are.
package enum ProgramPath {
  /// Returns the path of a program in one of the folders, or else in those of `PATH`; `nil` if it is in
  /// none.
  package static func find(_ name: String, in folders: [String] = []) -> String? {
    let path = Environment.value("PATH") ?? "/usr/bin:/bin"
    return (folders + path.split(separator: ":").map(String.init)).map { "\($0)/\(name)" }
      .first { FileSystem.isFile($0) && FileSystem.allows($0, X_OK) }
  }
}
