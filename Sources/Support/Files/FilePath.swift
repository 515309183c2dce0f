#if canImport(Glibc)
  import Glibc
#endif

/// Parts of paths, and paths that mean the same from any folder. Nothing is read or written.
package enum FilePath {
  /// The folder that a path is in.
  package static func parent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The last part of a path.
  package static func name(of path: String) -> String {
    String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...])
  }

  /// The folder in which the program runs; `.` where it is gone.
  package static var currentFolder: String {
    guard let folder = getcwd(nil, 0) else { return "." }
    defer { free(folder) }
    return String(cString: folder)
  }

  /// The path from the root, seen from a folder, by default the one in which the program runs; `~`
  /// is the home folder. Links and `..` stay as they are.
  package static func absolute(_ path: String, in folder: String? = nil) -> String {
    if path == "~" || path.hasPrefix("~/"), let home = Environment.value("HOME") {
      return home + path.dropFirst()
    }
    if path.hasPrefix("/") { return path }
    let folder = folder ?? currentFolder
    let inner = path.hasPrefix("./") ? path.dropFirst(2) : path[...]
    return inner.isEmpty || inner == "." ? folder : "\(folder)/\(inner)"
  }

  /// One spelling of a path, whether it is there yet or not: from the root, links followed, without
  /// `.`, `..` and a slash at its end.
  package static func canonical(_ path: String) -> String {
    var there = path.hasPrefix("/") ? path : currentFolder + "/" + path
    var missing: [String] = []
    var parents = 0
    while true {
      if let resolved = realpath(there, nil) {
        defer { free(resolved) }
        let base = String(cString: resolved)
        return missing.isEmpty
          ? base : ([base == "/" ? "" : base] + missing).joined(separator: "/")
      }
      let cut = there.lastIndex(of: "/") ?? there.startIndex
      let last = String(there[cut...].dropFirst())
      if last == ".." {
        parents += 1
      } else if !last.isEmpty && last != "." {
        if parents > 0 { parents -= 1 } else { missing.insert(last, at: 0) }
      }
      there = cut == there.startIndex ? "/" : String(there[..<cut])
    }
  }
}

/// The environment in which the program was started.
package enum Environment {
  /// The value of a variable; nil where it is not set or empty.
  package static func value(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}
