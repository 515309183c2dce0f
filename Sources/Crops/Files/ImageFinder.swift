import Images
import Recipe
import Support

/// Searches a folder, and all folders below it, for images.
///
/// A file is an image if its name has the usual ending or if its first bytes are those of a
/// format that is read. Files with the usual endings are not opened, since a data set may have millions. Hidden
/// files and folders are skipped.
///
/// Links are followed. A folder that two links lead to is searched under each of its paths; a link
/// to a folder that contains it is not followed. Nothing else limits the depth.
struct ImageFinder {
  /// The paths below the folder, in no particular order.
  private(set) var files: [String] = []
  /// The paths of archives below the folder, in no particular order.
  private(set) var archives: [String] = []
  private(set) var unused = UnusedFiles()
  /// The folders below that could not be read.
  private(set) var unreadable: [FileError] = []
  private let root: String
  private var waiting: [Folder] = []

  /// A folder to search, and the folders that contain it.
  private final class Folder {
    /// The path below the root, with a slash at its end; empty for the root.
    let prefix: String
    let identity: FileIdentity?
    let parent: Folder?

    init(prefix: String, identity: FileIdentity?, parent: Folder?) {
      self.prefix = prefix
      self.identity = identity
      self.parent = parent
    }

    /// Returns whether this folder, or one that contains it, is the folder with an identity.
    func isWithin(_ identity: FileIdentity) -> Bool {
      var folder: Folder? = self
      while let next = folder {
        if next.identity == identity { return true }
        folder = next.parent
      }
      return false
    }
  }

  /// Searches. Throws if `root` itself cannot be read.
  init(searching root: String) throws(SourceError) {
    self.root = root
    let identity = try? FileSystem.status(root)?.identity
    let top = Folder(prefix: "", identity: identity, parent: nil)
    for entry in try Self.entries(root) { sort(entry, in: top) }
    while let folder = waiting.popLast() {
      do throws(FileError) {
        let entries = try FileSystem.entries(in: root + "/" + folder.prefix.dropLast()) ?? []
        for entry in entries { sort(entry, in: folder) }
      } catch {
        unreadable.append(error)
      }
    }
  }

  private static func entries(_ root: String) throws(SourceError) -> [FolderEntry] {
    do throws(FileError) {
      if let entries = try FileSystem.entries(in: root) { return entries }
    } catch {
      throw FileSystem.isFolder(root) ? .cannotRead(error) : .notAFolder(root)
    }
    throw .missing(root)
  }

  /// Decides what to do with an entry of a folder.
  private mutating func sort(_ entry: FolderEntry, in folder: Folder) {
    guard entry.name.utf8.first != UInt8(ascii: ".") else { return }
    let below = folder.prefix + entry.name
    switch entry.kind {
    case .file: add(below, name: entry.name)
    case .other: unused.add("special file")
    case .folder, .link, nil: follow(below, entry, in: folder)
    }
  }

  private mutating func follow(_ below: String, _ entry: FolderEntry, in folder: Folder) {
    let status: FileStatus?
    do throws(FileError) {
      status = try FileSystem.status(root + "/" + below)
    } catch {
      if entry.kind == .folder { unreadable.append(error) } else { unused.add("unusable link") }
      return
    }
    switch status?.kind {
    case .file: add(below, name: entry.name)
    case .folder where folder.isWithin(status!.identity): unused.add("looping link")
    case .folder:
      waiting.append(Folder(prefix: below + "/", identity: status?.identity, parent: folder))
    case nil: unused.add("dangling link")
    case .link, .other: unused.add("special file")
    }
  }

  private mutating func add(_ below: String, name: String) {
    if DataSetFile(name: name)?.isArchive == true {
      archives.append(below)
    } else if Self.hasUsualEnding(name) || unused.isImage(path: root + "/" + below, name: name) {
      files.append(below)
    }
  }

  /// Whether a name ends as those of image files usually do.
  static func hasUsualEnding(_ name: String) -> Bool {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return false }
    let ending = name.utf8[name.utf8.index(after: dot)...]
    return ImageFormat.usualEndings.contains { usual in
      ending.elementsEqual(usual.utf8) { $0 | 0x20 == $1 }
    }
  }
}
