import Foundation

/// How much of what was not synced had reached the disk when the power failed.
enum PowerCut: Hashable {
  case nothing, everything
  /// The contents of files, but no names, and the other way round.
  case contents, names
  /// Any part, drawn with a seed.
  case some(seed: UInt64)

  /// Returns what is on a disk after the power was cut.
  func tree(of disk: Disk) -> DiskTree {
    var numbers = SplitMix(seed: seed)
    var tree = DiskTree()
    add(disk.root, "", to: &tree, &numbers)
    return tree
  }

  private var seed: UInt64 { if case .some(let seed) = self { seed } else { 0 } }

  private func add(
    _ folder: Disk.Node, _ path: String, to tree: inout DiskTree, _ numbers: inout SplitMix
  ) {
    var entries = folder.entries!
    for renaming in folder.renamings where reaches(isName: true, &numbers) {
      renaming.apply(to: &entries)
    }
    // Sorted, so that the same numbers are drawn for the same places each time.
    for (name, node) in entries.sorted(by: { $0.key < $1.key }) {
      guard node.entries == nil else {
        tree.files[path + name] = .some(nil)
        add(node, path + name + "/", to: &tree, &numbers)
        continue
      }
      var contents = node.contents
      for change in node.changes {
        change.apply(to: &contents) { _ in reaches(isName: false, &numbers) }
      }
      tree.files[path + name] = contents
    }
  }

  private func reaches(isName: Bool, _ numbers: inout SplitMix) -> Bool {
    switch self {
    case .nothing: false
    case .everything: true
    case .contents: !isName
    case .names: isName
    case .some: numbers.next() & 1 == 0
    }
  }
}

/// Files and folders by their paths; a folder has no contents.
struct DiskTree: Equatable {
  var files: [String: [UInt8]?] = [:]

  /// A number that two different trees will hardly share.
  var fingerprint: Int {
    var hasher = Hasher()
    for (path, contents) in files.sorted(by: { $0.key < $1.key }) {
      hasher.combine(path)
      hasher.combine(contents?.count)
      contents?.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
    return hasher.finalize()
  }

  init() {}

  /// Reads a real folder.
  init(reading folder: String) throws {
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: folder + "/" + path, isDirectory: &isFolder)
      files[path] =
        isFolder.boolValue
        ? .some(nil) : [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "/" + path)))
    }
  }

  /// Makes it real, in an empty folder.
  func write(to folder: String) throws {
    for (path, contents) in files.sorted(by: { $0.key < $1.key }) {
      let place = folder + "/" + path
      if let contents {
        try Data(contents).write(to: URL(fileURLWithPath: place))
      } else {
        try FileManager.default.createDirectory(
          atPath: place, withIntermediateDirectories: false)
      }
    }
  }
}
