/// The folder in which a user's settings for all runs are: keys, hosts, whom to tell, themes.
package enum ConfigFolder {
  /// The folder: `$XDG_CONFIG_HOME/dino`, or `~/.config/dino` if the variable is not set.
  package static var path: String {
    let base =
      Environment.value("XDG_CONFIG_HOME") ?? (Environment.value("HOME") ?? "/tmp") + "/.config"
    return FilePath.canonical(base + "/dino")
  }

  /// Changes files of the folder while no other process does. Makes the folder if there is none.
  package static func exclusively<Result>(_ body: () throws -> Result) throws -> Result {
    try FileSystem.makeFolder(path, mode: 0o700)
    let lock = try lock()
    defer { withExtendedLifetime(lock) {} }
    return try body()
  }

  /// Takes the folder's lock. Each attempt waits a moment for another process.
  private static func lock() throws -> FileLock {
    let file = path + "/lock"
    for _ in 0..<50 {
      do throws(FileLock.Failure) {
        return try FileLock(path: file)
      } catch {
        guard case .held = error else {
          throw FileError(file: file, what: "cannot be locked", remedy: "check who owns it")
        }
      }
    }
    throw FileError(file: file, what: "is held by another dino", remedy: "wait for it to end")
  }

  /// Returns the lines of a file of words, with their numbers; none if there is no such file. What
  /// follows `#`, and empty lines, are left out.
  package static func lines(of file: String) throws(FileError) -> [(number: Int, words: [String])] {
    guard FileSystem.exists(file) else { return [] }
    let text = String(decoding: try WholeFile.read(file, limit: 1 << 20), as: UTF8.self)
    return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap {
      index, line in
      let words = line.split(whereSeparator: \.isWhitespace).prefix { !$0.hasPrefix("#") }
      return words.isEmpty ? nil : (index + 1, words.map(String.init))
    }
  }
}
