import Foundation

/// What a program did to files below one folder, in order, as the library `CFaults` recorded it.
struct DiskRecord {
  /// A call that changed something, or what the program said in between.
  enum Call {
    case create(path: String, inode: UInt64)
    case makeFolder(path: String, inode: UInt64)
    case write(inode: UInt64, offset: Int, bytes: [UInt8])
    case truncate(inode: UInt64, size: Int)
    case sync(inode: UInt64)
    case rename(from: String, to: String)
    case link(from: String, to: String)
    case remove(path: String)
    case output(String)
  }

  private(set) var calls: [Call] = []

  /// Reads a record. Paths become relative to `root`.
  init(path: String, root: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    var place = 0
    while place < bytes.count {
      let head = bytes[place..<place + 40].withUnsafeBytes { bytes in
        (0..<5).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self) }
      }
      let first = place + 40
      let second = first + Int(head[3])
      place = second + Int(head[4])
      let name = { (range: Range<Int>) in
        String(String(decoding: bytes[range], as: UTF8.self).dropFirst(root.count + 1))
      }
      let (a, b, inode, offset) = (first..<second, second..<place, head[1], Int(head[2]))
      // The numbers are those of `enum faults_kind`.
      let call: Call =
        switch head[0] {
        case 1: .create(path: name(a), inode: inode)
        case 2: .write(inode: inode, offset: offset, bytes: Array(bytes[b]))
        case 3: .truncate(inode: inode, size: offset)
        case 4: .sync(inode: inode)
        case 5: .rename(from: name(a), to: name(b))
        case 6, 8: .remove(path: name(a))
        case 7: .makeFolder(path: name(a), inode: inode)
        case 9: .link(from: name(a), to: name(b))
        case 10: .output(String(decoding: bytes[b], as: UTF8.self))
        case let kind: fatalError("unknown kind of record \(kind)")
        }
      calls.append(call)
    }
  }
}
