import Foundation

/// A folder in memory where the system has such a place, since thousands of small runs are made in
/// it. It is removed with this object.
final class MemoryFolder: Sendable {
  let path: String

  init() {
    let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    var name = Array("\(parent)/dino-XXXXXX".utf8CString)
    path = name.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Returns the path of something in the folder.
  func file(_ name: String) -> String { path + "/" + name }

  /// Makes a folder in it that is empty, whatever was there. Returns its path.
  func empty(_ name: String) throws -> String {
    try? FileManager.default.removeItem(atPath: file(name))
    try FileManager.default.createDirectory(
      atPath: file(name), withIntermediateDirectories: false)
    return file(name)
  }
}
