import Images
import Support

/// The JPEG and PNG files in a folder and in all folders below it; see `ImageFinder`.
///
/// They are sorted by path, so that a restart finds them in the same order. If at least two of the
/// folder's immediate subfolders contain images, the names of those subfolders are the classes. An
/// image directly in the folder has no class.
package struct FolderSource: ImageSource {
  private let list: FileList
  package let notices: [SourceNotice]
  private let cache: ImageCache

  /// Finds the files. Of the unreadable parts of the folder only the top one is an error.
  ///
  /// - Parameter cacheBytes: the most memory for keeping decoded images; 0 keeps none, for callers
  ///   that read each image once.
  package init(
    path: String, cacheBytes: Int = ImageCache.folderBytes
  ) throws(SourceError) {
    let finder = try ImageFinder(searching: path)
    guard !finder.files.isEmpty else { throw .noImages(path, unused: finder.unused.line) }
    list = Self.list(path, finder.files.sorted(by: FilePath.precedes))
    notices = finder.notices + Self.partNotice(path, list.classes)
    cache = ImageCache(bytes: cacheBytes)
  }

  private static func list(_ folder: String, _ files: [String]) -> FileList {
    // The files of a subfolder follow each other.
    var names: [String] = []
    let subfolders = files.map { file -> Int? in
      guard let slash = file.utf8.firstIndex(of: UInt8(ascii: "/")) else { return nil }
      let name = file[..<slash]
      // Names are compared as bytes, since `String` takes some different ones for equal.
      if names.last?.utf8.elementsEqual(name.utf8) != true { names.append(String(name)) }
      return names.count - 1
    }
    let order = names.indices.sorted { FilePath.precedes(names[$0], names[$1]) }
    guard order.count > 1 else {
      return FileList(
        folder: folder, files: files, labels: files.map { _ in nil }, classes: [])
    }
    var numbers = [Int](repeating: 0, count: order.count)
    for (number, subfolder) in order.enumerated() { numbers[subfolder] = number }
    return FileList(
      folder: folder, files: files, labels: subfolders.map { $0.map { numbers[$0] } },
      classes: order.map { names[$0] })
  }

  /// Names of folders that are usually parts of a data set.
  private static let parts = [
    "train", "training", "test", "testing", "val", "valid", "validation", "eval",
  ]

  /// Says that all classes look like parts of a data set; nothing if they do not.
  private static func partNotice(_ path: String, _ classes: [String]) -> [SourceNotice] {
    guard !classes.isEmpty, classes.allSatisfy({ parts.contains($0.lowercased()) }) else {
      return []
    }
    let training = classes.first { $0.lowercased().hasPrefix("train") } ?? classes[0]
    let other = classes.first { $0 != training }!
    let text =
      "\(path): its subfolders \(classes.joined(separator: " and ")) are taken for classes; if they "
      + "are parts of a data set, set data.path to \(path)/\(training) and data.eval_path to "
      + "\(path)/\(other)"
    return [SourceNotice(text: text, isProblem: true)]
  }

  package var name: String { list.name }
  package var count: Int { list.count }
  package var classes: [String] { list.classes }
  /// The paths of the images, relative to the folder.
  package var files: [String] { list.files }

  package func key(_ index: Int) -> String { list.key(index) }
  package func label(_ index: Int) -> Int? { list.label(index) }
  package func bytes(_ index: Int) -> Int? { list.bytes(index) }

  package func image(_ index: Int, scale: @escaping ScaleChoice) throws -> RGBImage {
    try cache.image(index, scale: scale) { try decode(path: path(index), scale: $0) }
  }

  /// Returns the path with which a file is opened.
  package func path(_ index: Int) -> String { list.path(index) }
}
