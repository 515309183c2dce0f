import Images
import Support

/// The JPEG and PNG files in a folder and in all folders below it.
///
/// They are sorted by path, so that a restart finds them in the same order. If at least two of the
/// folder's immediate subfolders contain images, the names of those subfolders are the classes. An
/// image directly in the folder has no class.
package struct FolderSource: ImageSource {
  private let list: FileList
  private let cache: ImageCache

  /// Finds the files without opening them.
  ///
  /// - Parameter cacheBytes: the most memory for keeping decoded images; 0 keeps none, for callers
  ///   that read each image once.
  package init(
    path: String, cacheBytes: Int = ImageCache.folderBytes
  ) throws(SourceError) {
    var finder = ImageFinder()
    try finder.search(path)
    guard !finder.files.isEmpty else { throw .noImages(path) }
    list = Self.list(path, finder.files.sorted(by: FilePath.precedes))
    cache = ImageCache(bytes: cacheBytes)
  }

  private static func list(_ folder: String, _ files: [String]) -> FileList {
    let subfolders = files.map { file in
      file.firstIndex(of: "/").map { String(file[..<$0]) }
    }
    let names = Set(subfolders.compactMap { $0 }).sorted(by: FilePath.precedes)
    let classes = names.count > 1 ? names : []
    let numbers = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    return FileList(
      folder: folder, files: files, labels: subfolders.map { $0.flatMap { numbers[$0] } },
      classes: classes)
  }

  package var name: String { list.name }
  package var count: Int { list.count }
  package var classes: [String] { list.classes }
  /// The paths of the images, relative to the folder.
  package var files: [String] { list.files }

  package func key(_ index: Int) -> String { list.key(index) }
  package func label(_ index: Int) -> Int? { list.label(index) }

  package func image(_ index: Int, scale: @escaping ScaleChoice) throws -> RGBImage {
    try cache.image(index, scale: scale) { try decode(path: path(index), scale: $0) }
  }

  /// Returns the path with which a file is opened.
  package func path(_ index: Int) -> String { list.path(index) }
}

/// Searches folders for files with the name endings of images.
private struct ImageFinder {
  var files: [String] = []
  private static let endings = ["jpg", "jpeg", "png"]
  /// The deepest level that is searched. It is deeper than any collection of images, and ends
  /// loops of mounts.
  private static let deepest = 64

  mutating func search(_ root: String) throws(SourceError) { try search(root, below: "", depth: 0) }

  private mutating func search(_ root: String, below: String, depth: Int) throws(SourceError) {
    let folder = below.isEmpty ? root : root + "/" + below
    guard depth < Self.deepest else { throw .tooDeep(folder) }
    for entry in try Self.entries(folder) where !entry.name.hasPrefix(".") {
      let path = below.isEmpty ? entry.name : below + "/" + entry.name
      switch kind(entry, root + "/" + path) {
      case .folder: try search(root, below: path, depth: depth + 1)
      case .file where Self.isImage(entry.name): files.append(path)
      default: break
      }
    }
  }

  private static func entries(_ folder: String) throws(SourceError) -> [FolderEntry] {
    do throws(FileError) {
      if let entries = try FileSystem.entries(in: folder) { return entries }
    } catch {
      throw FileSystem.isFolder(folder) ? .cannotRead(error) : .notAFolder(folder)
    }
    throw .missing(folder)
  }

  /// Links to files are followed. Links to folders are not, since they may form a loop.
  private func kind(_ entry: FolderEntry, _ path: String) -> FileStatus.Kind {
    if let kind = entry.kind, kind != .link { return kind }
    if !FileSystem.isFolder(path) { return FileSystem.isFile(path) ? .file : .other }
    let own = try? FileSystem.status(path, followingLinks: false)
    return own?.kind == .folder ? .folder : .other
  }

  private static func isImage(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: ".") else { return false }
    return endings.contains(name[name.index(after: dot)...].lowercased())
  }
}
