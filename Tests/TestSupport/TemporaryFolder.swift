import Foundation

/// A temporary folder, which is removed with this object. Its path is short enough for sockets.
package final class TemporaryFolder: Sendable {
  /// The path of the folder.
  package let path: String

  /// Creates an empty folder, in `TMPDIR` if that is set and short, or else in `/tmp`.
  package init() {
    let chosen = ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
    let parent = (1...20).contains(chosen.utf8.count) ? chosen : "/tmp"
    var template = Array("\(parent)/dino-test-XXXXXX".utf8CString)
    path = String(cString: mkdtemp(&template))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Returns the path of a file in the folder.
  package func file(_ name: String) -> String { path + "/" + name }

  /// Writes bytes to a file in the folder, and creates the folders between. Returns its path.
  @discardableResult
  package func write(_ bytes: [UInt8], to name: String) -> String {
    let url = URL(fileURLWithPath: file(name))
    try! FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try! Data(bytes).write(to: url)
    return url.path
  }

  /// Writes a text to a file in the folder, and creates the folders between. Returns its path.
  @discardableResult
  package func write(_ text: String, to name: String) -> String {
    write(Array(text.utf8), to: name)
  }

  /// Writes bytes over a file in the folder, quickly. Returns its path.
  @discardableResult
  package func overwrite(_ name: String, with bytes: [UInt8]) -> String {
    let path = file(name)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    defer { close(descriptor) }
    precondition(Foundation.write(descriptor, bytes, bytes.count) == bytes.count)
    return path
  }

  /// Returns the names in a folder within it, sorted.
  package func names(in folder: String = ".") -> [String] {
    try! FileManager.default.contentsOfDirectory(atPath: file(folder)).sorted()
  }
}

/// Returns the bytes of a file.
package func bytes(of path: String) -> [UInt8] {
  [UInt8](try! Data(contentsOf: URL(fileURLWithPath: path)))
}

/// Flips one bit of a file, in the byte at `place` or in the middle.
package func flip(_ path: String, at place: Int? = nil) {
  var bytes = bytes(of: path)
  bytes[place ?? bytes.count / 2] ^= 0x04
  try! Data(bytes).write(to: URL(fileURLWithPath: path))
}
