import Images
import Recipe
import Support

/// Image files that were found in a folder, a list or archives, before they become a source.
struct FoundFiles {
  /// An image file.
  struct Item {
    /// Its name within the data set.
    let key: String
    /// The path by whose first folder it has a class: the key, without the names of archives.
    let classPath: String
    /// The class that a list or a file beside it names; `nil` if none does.
    var label: String?
    var archived: ArchivedFile?
  }

  private(set) var items: [Item] = []
  private(set) var archives: [any ImageArchive] = []
  var unused = UnusedFiles()
  /// What could not be read, and is passed over.
  var problems: [FileError] = []

  /// Adds a file of a folder, or one at a place in an archive.
  mutating func add(_ key: String, label: String? = nil, at place: ArchivedFile? = nil) {
    items.append(Item(key: key, classPath: key, label: label, archived: place))
  }

  /// Opens an archive, and returns its number.
  mutating func open(archive path: String) throws(FileError) -> (
    number: Int, archive: any ImageArchive
  ) {
    guard let archive = try DataSetFile(name: path)?.openArchive(path) else {
      throw FileError(
        file: path, what: "is no archive", remedy: "archives end in .tar or .zip")
    }
    archives.append(archive)
    return (archives.count - 1, archive)
  }

  /// Adds the images in an archive, as if it were a folder.
  ///
  /// As in WebDataset, a file with the ending `.cls` names the class of the files that have the same
  /// name up to the first dot.
  ///
  /// - Parameters:
  ///   - key: the archive's path within the data set; empty if it is the data set.
  mutating func add(archive path: String, as key: String) throws(FileError) {
    let (number, archive) = try open(archive: path)
    let folder = key.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(key[...$0]) } ?? ""
    let labels = try Self.labels(archive)
    for (place, entry) in archive.entries.enumerated() {
      guard !FilePath.name(of: entry.name).hasPrefix("."), isImage(entry, in: archive) else {
        continue
      }
      items.append(
        Item(
          key: key.isEmpty ? entry.name : key + "/" + entry.name, classPath: folder + entry.name,
          label: labels[Self.sample(entry.name)],
          archived: ArchivedFile(archive: Int32(number), entry: Int32(place))))
    }
  }

  private mutating func isImage(_ entry: ArchiveEntry, in archive: any ImageArchive) -> Bool {
    if ImageFinder.hasUsualEnding(entry.name) { return true }
    guard let start = try? archive.bytes(of: entry, most: 512) else {
      unused.add("unreadable file")
      return false
    }
    return unused.isImage(start, name: entry.name)
  }

  /// The name up to the first dot after the last slash.
  private static func sample(_ name: String) -> [UInt8] {
    let bytes = ByteText.bytes(name)
    let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
    let dot = bytes[start...].firstIndex(of: UInt8(ascii: ".")) ?? bytes.endIndex
    return Array(bytes[..<dot])
  }

  /// The most bytes of a class's name.
  private static let longestLabel = 1 << 12

  private static func labels(_ archive: any ImageArchive) throws(FileError) -> [[UInt8]: String] {
    var labels: [[UInt8]: String] = [:]
    for entry in archive.entries where entry.name.hasSuffix(".cls") {
      let bytes: [UInt8]
      do throws(ImageError) {
        bytes = try archive.bytes(of: entry, most: longestLabel)
      } catch {
        throw FileError(file: archive.path, what: "\(error)", remedy: "make the archive again")
      }
      let isBlank: (UInt8) -> Bool = { $0 <= 0x20 }
      let word = bytes.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
      if !word.isEmpty { labels[sample(entry.name)] = ByteText.text(Array(word)) }
    }
    return labels
  }

  /// Returns the images, sorted by key.
  ///
  /// They have the classes that are named for them. If none is, and at least two of the immediate
  /// subfolders have images, those are the classes.
  ///
  /// - Parameters:
  ///   - name: the name of the data set.
  ///   - folder: the folder that keys are relative to; `nil` if they are paths.
  func list(name: String, folder: String?) -> FileList {
    let items = items.sorted { FilePath.precedes($0.key, $1.key) }
    var names = items.map(\.label)
    if names.allSatisfy({ $0 == nil }) {
      names = items.map { item in
        item.classPath.utf8.firstIndex(of: UInt8(ascii: "/")).map {
          String(item.classPath[..<$0])
        }
      }
      // Compared as bytes, since `String` takes some different names for equal.
      if Set(names.compactMap { $0.map(ByteText.bytes) }).count < 2 {
        names = items.map { _ in nil }
      }
    }
    let classes = Self.classes(names.compactMap(\.self))
    let numbers = Dictionary(
      uniqueKeysWithValues: classes.enumerated().map { (ByteText.bytes($1), $0) })
    return FileList(
      name: name, folder: folder, files: items.map(\.key),
      labels: classes.isEmpty ? [] : names.map { $0.flatMap { numbers[ByteText.bytes($0)] } },
      classes: classes, archives: archives,
      archived: archives.isEmpty ? [] : items.map(\.archived))
  }

  /// Returns the different names, sorted: by value if all are numbers.
  private static func classes(_ names: [String]) -> [String] {
    var known: Set<[UInt8]> = []
    let different = names.filter { known.insert(ByteText.bytes($0)).inserted }
    if different.allSatisfy({ Int($0) != nil }) {
      return different.sorted { (Int($0)!, $0) < (Int($1)!, $1) }
    }
    return different.sorted(by: FilePath.precedes)
  }
}
