import Images
import Recipe
import Support

/// A data set of files: those in a folder and in all folders below it (see `ImageFinder`), those
/// that a list names (see `ListFile`), or those in archives.
///
/// They are sorted by path, so that a restart finds them in the same order. Archives in a folder
/// count as folders. `FoundFiles.list` says which classes there are.
package struct FileSource: ImageSource {
  private let list: FileList
  package let notices: [SourceNotice]
  private let cache: ImageCache

  /// Finds the files. Of the unreadable parts of a folder only the top one is an error.
  ///
  /// - Parameters:
  ///   - path: a folder, a list (`.txt`, `.csv`), an archive (`.tar`, `.zip`), or a pattern of
  ///     archives such as `shard-{000..099}.tar` or `*.tar`.
  ///   - cacheBytes: the most memory for keeping decoded images; 0 keeps none, for callers that
  ///     read each image once.
  package init(
    path: String, cacheBytes: Int = ImageCache.folderBytes
  ) throws(SourceError) {
    let (found, folder) = try Self.search(path)
    guard !found.items.isEmpty else { throw .noImages(path, unused: found.unused.line) }
    list = found.list(name: path, folder: folder)
    notices = found.notices(path) + Self.partNotice(path, list.classes)
    cache = ImageCache(bytes: cacheBytes)
  }

  /// Whether a path names a data set, and not a single image or nothing.
  package static func isDataSet(_ path: String) -> Bool {
    switch (try? FileSystem.status(path))?.kind {
    case .folder: true
    case .file: DataSetFile(name: path) != nil
    case nil: FilePattern.isPattern(path)
    case .link, .other: false
    }
  }

  /// Returns the files of a data set, and the folder that their keys are relative to.
  private static func search(
    _ path: String
  ) throws(SourceError) -> (found: FoundFiles, folder: String?) {
    var found = FoundFiles()
    do throws(FileError) {
      switch try FileSystem.status(path)?.kind {
      case .file:
        guard let kind = DataSetFile(name: path) else { break }
        guard !kind.isArchive else {
          try found.add(archive: path, as: "")
          return (found, path)
        }
        try found.add(ListFile(path: path))
        return (found, FilePath.parent(of: path))
      case nil where FilePattern.isPattern(path):
        let folder = FilePath.parent(of: path)
        for archive in try FilePattern.matches(of: path) {
          try found.add(archive: folder + "/" + archive, as: archive)
        }
        return (found, folder)
      default: break
      }
    } catch {
      throw .cannotRead(error)
    }
    return (try FoundFiles(folder: path), path)
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

  /// The files as a list, whose images are not kept.
  package var fileList: FileList { list }
  package var name: String { list.name }
  package var count: Int { list.count }
  package var classes: [String] { list.classes }
  /// The paths of the images, relative to the folder.
  package var files: [String] { list.files }

  package func key(_ index: Int) -> String { list.key(index) }
  package func label(_ index: Int) -> Int? { list.label(index) }
  package func bytes(_ index: Int) -> Int? { list.bytes(index) }

  package func image(_ index: Int, scale: @escaping ScaleChoice) throws -> RGBImage {
    try cache.image(index, format: nil, scale: scale) { try list.decoded(index, $0) }
  }

  package func samples(
    _ index: Int, format: SampleFormat, scale: @escaping ScaleChoice
  ) throws -> SampleImage {
    try cache.image(index, format: format, scale: scale) {
      try list.samples(index, format: format, scale: $0)
    }
  }

  /// Returns an image that red, green and blue of 8 bits do not hold, and its samples; `nil` if they hold all.
  /// Looks at three files.
  package var richSamples: (index: Int, stored: StoredSamples)? {
    for index in Set([0, count / 2, count - 1]).sorted() {
      guard let content = try? list.content(index),
        let stored = try? storedSamples(bytes: content, name: path(index)), !stored.fitsRGB
      else { continue }
      return (index, stored)
    }
    return nil
  }

  /// Says what a network is not given of the images if it is given red, green and blue of 8 bits;
  /// `nil` if that is all they have.
  package var unusedSamples: SourceNotice? {
    guard let (index, stored) = richSamples else { return nil }
    let bits = stored.bits.map { "of \($0) bits" } ?? "of fractions"
    return SourceNotice(
      text: "\(path(index)) has \(Format.count(stored.channels, "channel")) \(bits), and the "
        + "network is given 3 of 8 bits; data.channels gives it all (see dinod statistics)",
      isProblem: true)
  }

  /// Returns the path with which a file is opened.
  package func path(_ index: Int) -> String { list.path(index) }
}
