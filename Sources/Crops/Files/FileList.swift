import Images
import Support

/// The place of a file in one of several archives, by numbers.
struct ArchivedFile: Sendable {
  let archive: Int32
  let entry: Int32
}

/// A list of image files, on their own or in archives. They are decoded anew at each read.
package struct FileList: ImageSource {
  /// The data set's path; `files` for files that have nothing in common.
  package let name: String
  /// The paths below the folder, or, without a folder, as they were given.
  package let files: [String]
  package let classes: [String]
  private let labels: [Int?]
  private let folder: String?
  private let archives: [any ImageArchive]
  /// Which files lie in archives; empty if none does.
  private let archived: [ArchivedFile?]

  init(
    name: String, folder: String?, files: [String], labels: [Int?], classes: [String],
    archives: [any ImageArchive] = [], archived: [ArchivedFile?] = []
  ) {
    precondition(labels.isEmpty || files.count == labels.count)
    (self.name, self.folder, self.files) = (name, folder, files)
    (self.labels, self.classes) = (labels, classes)
    (self.archives, self.archived) = (archives, archived)
  }

  /// Files without labels.
  ///
  /// - Parameter paths: absolute, or relative to the working directory.
  package init(_ paths: [String]) {
    self.init(name: "files", folder: nil, files: paths, labels: [], classes: [])
  }

  /// Files of a folder with their classes.
  ///
  /// - Parameters:
  ///   - files: paths below the folder.
  ///   - labels: the class of each file, an index into `classes`; `nil` if it has none.
  package init(folder: String, files: [String], labels: [Int?], classes: [String]) {
    self.init(name: folder, folder: folder, files: files, labels: labels, classes: classes)
  }

  /// The files of several lists, one after the other, without labels. They are named as with
  /// `path(_:)`.
  package init(joining lists: [FileList]) {
    var archived: [ArchivedFile?] = []
    var archives: [any ImageArchive] = []
    for list in lists {
      let first = Int32(archives.count)
      archives += list.archives
      archived += (0..<list.count).map { index in
        list.archived.isEmpty
          ? nil
          : list.archived[index].map {
            ArchivedFile(archive: first + $0.archive, entry: $0.entry)
          }
      }
    }
    self.init(
      name: "files", folder: nil, files: lists.flatMap { list in (0..<list.count).map(list.path) },
      labels: [], classes: [], archives: archives, archived: archives.isEmpty ? [] : archived)
  }

  package var count: Int { files.count }

  package func key(_ index: Int) -> String { files[index] }
  package func label(_ index: Int) -> Int? { labels.isEmpty ? nil : labels[index] }

  package func bytes(_ index: Int) -> Int? {
    if let (_, entry) = entry(index) { return entry.bytes }
    return (try? FileSystem.status(path(index)))??.size
  }

  /// Returns the size and the time of the last change of an image's file; of one in an archive, its
  /// size and the archive's time. `nil` if the system cannot tell.
  package func stamp(_ index: Int) -> (bytes: Int, modified: Double)? {
    let entry = entry(index)
    let path = entry?.archive.path ?? path(index)
    guard let status = try? FileSystem.status(path) else { return nil }
    return (entry?.entry.bytes ?? status.size, status.modified)
  }

  /// Whether an image lies in an archive.
  package func isArchived(_ index: Int) -> Bool { entry(index) != nil }

  /// Returns the bytes of an image's file.
  package func content(_ index: Int) throws(ImageError) -> [UInt8] {
    guard let (archive, entry) = entry(index) else { return try fileContent(path: path(index)) }
    return try archive.bytes(of: entry, limits: .standard)
  }

  package func image(_ index: Int, scale: @escaping ScaleChoice) throws -> RGBImage {
    try decoded(index, scale)
  }

  /// Decodes an image at the scale that `scale` chooses.
  package func decoded(
    _ index: Int, _ scale: ScaleChoice
  ) throws(ImageError) -> RGBImage {
    try decode(bytes: content(index), name: path(index), scale: scale)
  }

  package func samples(
    _ index: Int, format: SampleFormat, scale: ScaleChoice
  ) throws(ImageError) -> SampleImage {
    try decodeSamples(
      bytes: content(index), name: path(index), format: format, scale: scale)
  }

  private func entry(_ index: Int) -> (archive: any ImageArchive, entry: ArchiveEntry)? {
    guard !archived.isEmpty, let place = archived[index] else { return nil }
    let archive = archives[Int(place.archive)]
    return (archive, archive.entries[Int(place.entry)])
  }

  /// Returns the path with which a file is opened; of one in an archive, what to call it.
  package func path(_ index: Int) -> String {
    if let (archive, entry) = entry(index) { return archive.name(of: entry) }
    guard let folder, files[index].utf8.first != UInt8(ascii: "/") else { return files[index] }
    return folder + "/" + files[index]
  }
}
