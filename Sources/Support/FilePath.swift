import Glibc

/// Parts of paths.
package enum FilePath {
  /// The folder that a path is in.
  package static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The last part of a path.
  package static func name(of path: String) -> String {
    String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...])
  }

  /// A path that means the same from any folder, without a slash at its end.
  package static func absolute(_ path: String) -> String {
    let plain = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    guard let resolved = realpath(plain, nil) else { return plain }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
