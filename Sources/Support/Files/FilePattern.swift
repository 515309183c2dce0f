#if canImport(Glibc)
  import Glibc
#endif

/// A name that stands for several files in one folder: `{000..099}` and `{a,b}` stand for each of
/// the numbers or words, `*` and `?` for any text and character (POSIX.2, 2.13).
package enum FilePattern {
  /// The most names that braces may stand for.
  private static let mostNames = 1_000_000

  /// Returns whether the last part of a path is a pattern.
  package static func isPattern(_ path: String) -> Bool {
    FilePath.name(of: path).utf8.contains { "{*?".utf8.contains($0) }
  }

  /// Returns the names of the files that a path stands for, sorted, without the folder. Throws if a
  /// name that braces stand for is not there, or if nothing matches.
  package static func matches(of path: String) throws(FileError) -> [String] {
    let folder = FilePath.parent(of: path)
    let present = try FileSystem.names(in: folder)
    let known = Set(present.map(ByteText.bytes))
    var found: Set<[UInt8]> = []
    for pattern in try expanded(FilePath.name(of: path), of: path) {
      let matching: [[UInt8]]
      if pattern.utf8.contains(where: { "*?".utf8.contains($0) }) {
        matching = present.filter { fnmatch(FilePath.c(pattern), FilePath.c($0), FNM_PERIOD) == 0 }
          .map(ByteText.bytes)
      } else {
        matching = known.contains(ByteText.bytes(pattern)) ? [ByteText.bytes(pattern)] : []
      }
      guard !matching.isEmpty else {
        throw FileError(
          file: path, what: "there is no \(pattern) in \(folder)",
          remedy: "check the pattern and the folder")
      }
      found.formUnion(matching)
    }
    return found.map { ByteText.text($0) }.sorted(by: FilePath.precedes)
  }

  /// Returns what a pattern's braces stand for, from left to right.
  private static func expanded(_ pattern: String, of path: String) throws(FileError) -> [String] {
    guard let open = pattern.firstIndex(of: "{"),
      let close = pattern[open...].firstIndex(of: "}")
    else { return [pattern] }
    let inside = pattern[pattern.index(after: open)..<close]
    let words = try words(inside, of: path)
    let rest = try expanded(String(pattern[pattern.index(after: close)...]), of: path)
    guard words.count <= mostNames / max(rest.count, 1) else { throw tooMany(path) }
    return words.flatMap { word in rest.map { pattern[..<open] + word + $0 } }
  }

  private static func words(_ inside: Substring, of path: String) throws(FileError) -> [String] {
    let ends = inside.split(separator: "..", omittingEmptySubsequences: false)
    guard ends.count == 2, let first = UInt32(ends[0]), let last = UInt32(ends[1]) else {
      return inside.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    guard first <= last, Int(last - first) < mostNames else { throw tooMany(path) }
    // As many digits as the first number has, as in a shell.
    return (first...last).map { number in
      let digits = String(number)
      return String(repeating: "0", count: max(0, ends[0].count - digits.count)) + digits
    }
  }

  private static func tooMany(_ path: String) -> FileError {
    FileError(
      file: path, what: "its braces stand for no or too many names",
      remedy: "write the smaller number first; at most \(Format.count(mostNames)) are allowed")
  }
}
