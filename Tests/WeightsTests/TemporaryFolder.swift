import Foundation

/// A folder of a test's own, gone with the value.
final class TemporaryFolder: Sendable {
  let path: String

  init() {
    path = FileManager.default.temporaryDirectory.path + "/weights-tests-" + UUID().uuidString
    try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  /// Writes bytes to a file in the folder, making the folders between; gives its path.
  @discardableResult
  func write(_ bytes: [UInt8], to name: String) -> String {
    let url = URL(fileURLWithPath: file(name))
    try! FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try! Data(bytes).write(to: url)
    return url.path
  }

  /// The names in the folder, sorted.
  func names(in folder: String = ".") -> [String] {
    try! FileManager.default.contentsOfDirectory(atPath: file(folder)).sorted()
  }
}

func bytes(of path: String) -> [UInt8] {
  [UInt8](try! Data(contentsOf: URL(fileURLWithPath: path)))
}

/// Turns one bit of a file over.
func flip(_ path: String, at place: Int? = nil) {
  var bytes = bytes(of: path)
  bytes[place ?? bytes.count / 2] ^= 0x04
  try! Data(bytes).write(to: URL(fileURLWithPath: path))
}

extension TemporaryFolder {
  @discardableResult
  func write(_ text: String, to name: String) -> String { write(Array(text.utf8), to: name) }
}
