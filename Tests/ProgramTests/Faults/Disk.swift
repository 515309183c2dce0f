/// A disk with a cache that is lost when the power fails: what POSIX promises, and no more.
///
/// A file's contents are on the disk after a sync of the file. Its name is there after a sync of
/// its folder; a sync of the file does not keep its name. Before that, any part of the changes may
/// have reached the disk, in any order: of a write, any of its sectors of 512 bytes. A change of
/// size, and a change of names by one call, reaches it as a whole or not at all.
final class Disk {
  /// A change of a file that may not be on the disk.
  enum Change {
    case write(offset: Int, bytes: [UInt8])
    case resize(Int)
  }

  /// A change of a folder that may not be on the disk: a name that goes and one that comes.
  struct Renaming {
    let gone: String?
    let new: String?
    let node: Node
  }

  /// A file or folder.
  final class Node {
    /// A file's contents on the disk, and what has changed since.
    fileprivate(set) var contents: [UInt8] = []
    fileprivate(set) var changes: [Change] = []
    /// A folder's entries on the disk, and what has changed since; `nil` for a file.
    fileprivate(set) var entries: [String: Node]?
    fileprivate(set) var renamings: [Renaming] = []
    /// A folder's entries as programs see them.
    fileprivate var visible: [String: Node] = [:]

    fileprivate init(isFolder: Bool) { entries = isFolder ? [:] : nil }
  }

  let root = Node(isFolder: true)
  private var nodes: [UInt64: Node]

  /// Creates a disk with an empty folder, which has this inode.
  init(root inode: UInt64) { nodes = [inode: root] }

  /// Does what a program did.
  func apply(_ call: DiskRecord.Call) {
    switch call {
    case .create(let path, let inode): add(path, inode, isFolder: false)
    case .makeFolder(let path, let inode): add(path, inode, isFolder: true)
    case .write(let inode, let offset, let bytes):
      nodes[inode]!.changes.append(.write(offset: offset, bytes: bytes))
    case .truncate(let inode, let size): nodes[inode]!.changes.append(.resize(size))
    case .sync(let inode): nodes[inode]!.sync()
    case .rename(let from, let to):
      let (folder, old) = place(from)
      let (target, new) = place(to)
      precondition(folder === target, "moves between folders are not modelled")
      folder.rename(Renaming(gone: old, new: new, node: folder.visible[old]!))
    case .link(let from, let to):
      let (folder, old) = place(from)
      let (target, new) = place(to)
      target.rename(Renaming(gone: nil, new: new, node: folder.visible[old]!))
    case .remove(let path):
      let (folder, name) = place(path)
      folder.rename(Renaming(gone: name, new: nil, node: folder.visible[name]!))
    case .output: break
    }
  }

  private func add(_ path: String, _ inode: UInt64, isFolder: Bool) {
    let node = Node(isFolder: isFolder)
    // The number may be that of a file which is gone.
    nodes[inode] = node
    let (folder, name) = place(path)
    folder.rename(Renaming(gone: nil, new: name, node: node))
  }

  /// Returns the folder of a path, and the name in it.
  private func place(_ path: String) -> (Node, String) {
    let parts = path.split(separator: "/").map(String.init)
    return (parts.dropLast().reduce(root) { $0.visible[$1]! }, parts.last!)
  }
}

extension Disk.Node {
  fileprivate func rename(_ renaming: Disk.Renaming) {
    renamings.append(renaming)
    renaming.apply(to: &visible)
  }

  /// Everything that has changed is on the disk from now on.
  fileprivate func sync() {
    for change in changes { change.apply(to: &contents) }
    changes = []
    if entries != nil { entries = visible }
    renamings = []
  }
}

extension Disk.Change {
  /// Changes a file's contents; of a write, only the sectors that `reaches` chooses.
  func apply(to contents: inout [UInt8], where reaches: (_ sector: Int) -> Bool = { _ in true }) {
    switch self {
    case .resize(let size):
      guard reaches(0) else { return }
      if size < contents.count {
        contents.removeLast(contents.count - size)
      } else {
        contents += repeatElement(0, count: size - contents.count)
      }
    case .write(let offset, let bytes):
      var first = offset
      while first < offset + bytes.count {
        let end = min(offset + bytes.count, (first / 512 + 1) * 512)
        if reaches(first / 512) {
          if contents.count < end { contents += repeatElement(0, count: end - contents.count) }
          contents.replaceSubrange(first..<end, with: bytes[first - offset..<end - offset])
        }
        first = end
      }
    }
  }
}

extension Disk.Renaming {
  func apply(to entries: inout [String: Disk.Node]) {
    if let gone, entries[gone] === node { entries[gone] = nil }
    if let new { entries[new] = node }
  }
}
