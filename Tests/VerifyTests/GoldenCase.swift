import Foundation
import TestSupport

/// A copy of a recorded case for a test to damage. It is removed with the object.
final class GoldenCase {
  let folder: URL

  static func folder(_ name: String) -> URL {
    Bundle.module.resourceURL!.appending(path: "Fixtures/goldens/\(name)")
  }

  init(_ name: String) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "case-\(UUID().uuidString)")
    try FileManager.default.copyItem(at: Self.folder(name), to: folder)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func remove(_ file: String) throws {
    try FileManager.default.removeItem(at: folder.appending(path: file))
  }

  func write(_ bytes: Data, to file: String) throws {
    try bytes.write(to: folder.appending(path: file))
  }

  /// Replaces a text. In a safetensors file the new one must have the same length.
  func replace(_ old: String, by new: String, in file: String) throws {
    var bytes = try Data(contentsOf: folder.appending(path: file))
    guard let range = bytes.range(of: Data(old.utf8)) else { throw CocoaError(.formatting) }
    bytes.replaceSubrange(range, with: Data(new.utf8))
    try write(bytes, to: file)
  }

  /// Sets elements of a tensor, beginning at an index.
  func edit<Value>(_ file: String, _ tensor: String, at index: Int, _ values: Value...) throws {
    try edit(file, tensor, at: index, values)
  }

  func edit<Value>(_ file: String, _ tensor: String, at index: Int, _ values: [Value]) throws {
    var bytes = try Data(contentsOf: folder.appending(path: file))
    let header = bytes.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
    let entries = try JSONSerialization.jsonObject(with: bytes[8..<8 + header]) as? [String: Any]
    guard let entry = entries?[tensor] as? [String: Any],
      let offsets = entry["data_offsets"] as? [Int]
    else { throw CocoaError(.formatting) }
    let start = 8 + header + offsets[0] + index * MemoryLayout<Value>.size
    values.withUnsafeBytes { bytes.replaceSubrange(start..<start + $0.count, with: $0) }
    try write(bytes, to: file)
  }
}
