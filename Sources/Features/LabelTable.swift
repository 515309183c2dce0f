import Crops
import Support

/// A `FileTable` in which each file has a label.
package struct LabelTable: Sendable, Equatable {
  /// A file and its label.
  package struct Row: Sendable, Equatable {
    /// A path relative to the data set's folder.
    package let file: String
    package let label: String
    /// The line in which the row begins, from 1.
    package let line: Int
  }

  package let path: String
  package let rows: [Row]

  /// The largest file that is read, in bytes.
  private static let limit = 1 << 30

  /// Reads a file. Throws if it is missing or not such a table. File names need not be
  /// UTF-8.
  package init(path: String) throws(FeatureError) {
    try self.init(bytes: Self.read(path), path: path)
  }

  /// Reads a text. Errors name `path`.
  package init(text: String, path: String) throws(FeatureError) {
    try self.init(bytes: Array(text.utf8), path: path)
  }

  private init(bytes: [UInt8], path: String) throws(FeatureError) {
    self.path = path
    do throws(FileError) {
      rows = try FileTable(csv: bytes, path: path, needsLabels: true).rows.map {
        Row(file: $0.file, label: $0.label!, line: $0.line)
      }
    } catch {
      throw FeatureError("\(error)")
    }
    guard !rows.isEmpty else {
      throw FeatureError("\(path): has no labels; lines are file,label")
    }
  }

  private static func read(_ path: String) throws(FeatureError) -> [UInt8] {
    let bytes: [UInt8]?
    do throws(FileError) {
      bytes = try FileSystem.status(path) == nil ? nil : WholeFile.read(path, limit: limit)
    } catch {
      throw FeatureError("\(error)")
    }
    guard let bytes else {
      throw FeatureError("\(path): no such file; --labels takes a CSV file of file,label")
    }
    return bytes
  }
}
