#if canImport(Glibc)
  import Glibc
#endif

/// Functions on paths: their parts, and absolute and canonical forms. Only `canonical(_:)`
/// accesses the file system.
package enum FilePath {
  /// Returns the folder of a path.
  package static func parent(of path: String) -> String {
    guard let slash = lastSlash(path) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Returns the last component of a path.
  package static func name(of path: String) -> String {
    String(
      Substring(path.utf8[(lastSlash(path).map(path.utf8.index(after:)) ?? path.startIndex)...]))
  }

  /// The last slash. It is looked for as a byte: `Character` would hide one before a combining
  /// mark.
  private static func lastSlash(_ path: String) -> String.Index? {
    path.utf8.lastIndex(of: UInt8(ascii: "/"))
  }

  /// The current folder; `.` if it no longer exists.
  package static var currentFolder: String {
    guard let folder = getcwd(nil, 0) else { return "." }
    defer { free(folder) }
    return ByteText.text(folder)
  }

  /// Returns the absolute form of a path that is relative to `folder`, by default to the current
  /// folder. `~` is the home folder. Symbolic links and `..` are kept.
  package static func absolute(_ path: String, in folder: String? = nil) -> String {
    if path == "~" || path.hasPrefix("~/"), let home = Environment.value("HOME") {
      return home + path.dropFirst()
    }
    if path.hasPrefix("/") { return path }
    let folder = folder ?? currentFolder
    let inner = path.hasPrefix("./") ? path.dropFirst(2) : path[...]
    return inner.isEmpty || inner == "." ? folder : "\(folder)/\(inner)"
  }

  /// Returns the one canonical spelling of a path, which need not exist: absolute, with symbolic
  /// links resolved, and without `.`, `..` and a final slash.
  package static func canonical(_ path: String) -> String {
    var there = path.hasPrefix("/") ? path : currentFolder + "/" + path
    var missing: [String] = []
    var parents = 0
    while true {
      if let resolved = realpath(c(there), nil) {
        defer { free(resolved) }
        let base = ByteText.text(resolved)
        return missing.isEmpty
          ? base : ([base == "/" ? "" : base] + missing).joined(separator: "/")
      }
      let cut = lastSlash(there) ?? there.startIndex
      let last = name(of: there)
      if last == ".." {
        parents += 1
      } else if !last.isEmpty && last != "." {
        if parents > 0 { parents -= 1 } else { missing.insert(last, at: 0) }
      }
      there = cut == there.startIndex ? "/" : String(there[..<cut])
    }
  }
}

/// The environment variables of the program.
package enum Environment {
  /// Returns the value of a variable; `nil` if it is not set or empty.
  package static func value(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return ByteText.text(value)
  }
}
