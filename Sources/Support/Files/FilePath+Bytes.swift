/// Paths as the system takes them.
extension FilePath {
  /// Returns the path for a system call: its bytes, and a zero at the end.
  package static func c(_ path: String) -> [CChar] {
    ByteText.bytes(path).map { CChar(bitPattern: $0) } + [0]
  }

  /// Returns whether a path comes before another in the order of their bytes. This order does not
  /// depend on the language, and, unlike that of `String`, tells apart names that look the same.
  package static func precedes(_ path: String, _ other: String) -> Bool {
    ByteText.bytes(path).lexicographicallyPrecedes(ByteText.bytes(other))
  }
}
