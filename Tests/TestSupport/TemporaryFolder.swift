import Foundation

/// A folder of a test's own, gone with the value. Its path is short: sockets may lie in it.
package final class TemporaryFolder: Sendable {
  package let path: String

  package init() {
    var template = Array("/tmp/dino-test-XXXXXX".utf8CString)
    path = String(cString: mkdtemp(&template))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the folder.
  package func file(_ name: String) -> String { path + "/" + name }

  /// Writes bytes to a file in the folder, making the folders between; gives its path.
  @discardableResult
  package func write(_ bytes: [UInt8], to name: String) -> String {
    let url = URL(fileURLWithPath: file(name))
    try! FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try! Data(bytes).write(to: url)
    return url.path
  }

  @discardableResult
  package func write(_ text: String, to name: String) -> String {
    write(Array(text.utf8), to: name)
  }

  /// The names in the folder, sorted.
  package func names(in folder: String = ".") -> [String] {
    try! FileManager.default.contentsOfDirectory(atPath: file(folder)).sorted()
  }
}

package func bytes(of path: String) -> [UInt8] {
  [UInt8](try! Data(contentsOf: URL(fileURLWithPath: path)))
}

/// Turns one bit of a file over.
package func flip(_ path: String, at place: Int? = nil) {
  var bytes = bytes(of: path)
  bytes[place ?? bytes.count / 2] ^= 0x04
  try! Data(bytes).write(to: URL(fileURLWithPath: path))
}
