import FoundationEssentials
import Images

#if canImport(Glibc)
  import Glibc
#endif

/// The JPEG and PNG files of a folder and of all folders in it.
///
/// The order is that of the sorted paths, so that a run finds the same images after a restart.
/// Where at least two folders directly inside it hold images, their names are the classes.
package struct FolderSource: ImageSource {
  package let name: String
  package let classes: [String]
  /// Paths below the folder.
  package let files: [String]
  private let labels: [Int?]
  private let cache: ImageCache

  package var count: Int { files.count }

  /// Finds the files; none is opened yet.
  package init(path: String) throws(SourceError) {
    var finder = ImageFinder()
    try finder.search(path)
    guard !finder.files.isEmpty else { throw .noImages(path) }
    self.init(name: path, files: finder.files.sorted())
  }

  private init(name: String, files: [String]) {
    self.name = name
    self.files = files
    let folders = files.map { file in
      file.firstIndex(of: "/").map { String(file[..<$0]) }
    }
    let names = Set(folders.compactMap { $0 }).sorted()
    classes = names.count > 1 ? names : []
    let numbers = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    labels = folders.map { folder in folder.flatMap { numbers[$0] } }
    cache = ImageCache(bytes: ImageCache.folderBytes)
  }

  package func label(_ index: Int) -> Int? { labels[index] }

  package func image(_ index: Int, scale: @escaping ScaleChoice) throws -> RGBImage {
    try cache.image(index, scale: scale) { try decode(path: path(index), scale: $0) }
  }

  /// The file of an image.
  package func path(_ index: Int) -> String { name + "/" + files[index] }
}

/// Walks folders for images, by the endings of their names.
private struct ImageFinder {
  var files: [String] = []
  private static let endings = ["jpg", "jpeg", "png"]
  /// Deeper than any collection of images; ends loops of links.
  private static let deepest = 64

  mutating func search(_ root: String) throws(SourceError) { try search(root, below: "", depth: 0) }

  private mutating func search(_ root: String, below: String, depth: Int) throws(SourceError) {
    let folder = below.isEmpty ? root : root + "/" + below
    guard depth < Self.deepest else { throw .tooDeep(folder) }
    guard let stream = opendir(folder) else {
      throw .cannotRead(folder, errno)
    }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix(".") { continue }
      let path = below.isEmpty ? name : below + "/" + name
      switch kind(root + "/" + path, Int32(entry.pointee.d_type)) {
      case .folder: try search(root, below: path, depth: depth + 1)
      case .file where Self.isImage(name): files.append(path)
      default: break
      }
    }
  }

  private enum Kind { case file, folder, other }

  /// Links to files count; links to folders do not, since they may lead in circles.
  private func kind(_ path: String, _ type: Int32) -> Kind {
    if type == Int32(DT_REG) { return .file }
    if type == Int32(DT_DIR) { return .folder }
    var info = stat()
    guard type == Int32(DT_LNK) || type == Int32(DT_UNKNOWN), lstat(path, &info) == 0 else {
      return .other
    }
    if info.st_mode & S_IFMT == S_IFDIR { return .folder }
    guard stat(path, &info) == 0 else { return .other }
    return info.st_mode & S_IFMT == S_IFREG ? .file : .other
  }

  private static func isImage(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: ".") else { return false }
    return endings.contains(name[name.index(after: dot)...].lowercased())
  }
}
