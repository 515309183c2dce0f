import Support

#if canImport(Glibc)
  import Glibc
#endif

/// Reads an archive from the disk in pieces: as it is, or member by member if it is gzip.
final class ArchiveInput {
  /// What a piece of an archive ended with.
  enum Piece: Equatable {
    case bytes
    case end
    /// The file ends within a member.
    case cut
    /// A member is damaged.
    case damaged
  }

  let path: String
  let isGzip: Bool
  /// Where the present member begins; of a plain file, where the next piece does.
  private(set) var memberStart: Int
  /// Whether the last piece is the first of its member.
  private(set) var isFirstOfMember = false
  /// Bytes taken from the file, and given of them, in all.
  private(set) var taken = 0
  private(set) var given = 0

  private static let pieceSize = 64 << 10
  private let file: Int32
  private let size: Int
  private var raw = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 16)
  /// The part of `raw` that has not been decompressed.
  private var unread = 0..<0
  /// The place in the file behind `unread`.
  private var next: Int
  private let inflater = Inflater(bits: 31)
  private var isInMember = false

  /// Opens an archive, to be read from a position where a record begins.
  init(path: String, from position: Int) throws(FileError) {
    self.path = path
    let file = FileSystem.open(path, O_RDONLY)
    guard file >= 0 else { throw FileError(path, cannot: "be opened") }
    self.file = file
    size = try Self.size(of: file, path)
    (memberStart, next) = (position, position)
    var magic: (UInt8, UInt8) = (0, 0)
    let (_, code) = withUnsafeMutableBytes(of: &magic) { FileSystem.read(file, into: $0, at: 0) }
    isGzip = magic == (0x1F, 0x8B)
    guard code == 0 else { throw FileError(path, cannot: "be read", errno: code) }
  }

  /// The size of an open file, which is closed if the system does not say it.
  private static func size(of file: Int32, _ path: String) throws(FileError) -> Int {
    do throws(FileError) {
      return try FileStatus(of: file, path: path).size
    } catch {
      close(file)
      throw error
    }
  }

  deinit {
    close(file)
    raw.deallocate()
  }

  /// The place in the file up to which it has been used.
  var place: Int { next - unread.count }

  /// Whether all of the present member has been given.
  var isBetweenMembers: Bool { !isInMember }

  /// Appends the next piece of the contents to `buffer`. A piece never goes beyond its member.
  func read(into buffer: inout [UInt8]) throws(FileError) -> Piece {
    if unread.isEmpty { try refill() }
    isFirstOfMember = false
    guard isGzip else {
      guard !unread.isEmpty else { return .end }
      memberStart = place
      append(unread.count, to: &buffer) { target in
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: raw[unread]))
        return target.count
      }
      unread = unread.upperBound..<unread.upperBound
      return .bytes
    }
    if !isInMember {
      guard !unread.isEmpty else { return .end }
      memberStart = place
      inflater.reset()
      isInMember = true
      isFirstOfMember = true
    }
    return try inflate(into: &buffer)
  }

  private func inflate(into buffer: inout [UInt8]) throws(FileError) -> Piece {
    while true {
      if unread.isEmpty { try refill() }
      if unread.isEmpty { return .cut }
      var state = Inflater.State.goesOn
      var made = 0
      append(Self.pieceSize, to: &buffer) { target in
        let input = UnsafeRawBufferPointer(rebasing: raw[unread])
        let (used, given, ended) = inflater.run(input, to: target)
        unread = (unread.lowerBound + used)..<unread.upperBound
        taken += used
        (made, state) = (given, ended)
        return given
      }
      switch state {
      case .ended:
        isInMember = false
        return .bytes
      case .damaged: return .damaged
      case .goesOn: if made > 0 { return .bytes }
      }
    }
  }

  private func append(
    _ most: Int, to buffer: inout [UInt8], _ fill: (UnsafeMutableRawBufferPointer) -> Int
  ) {
    let before = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: most))
    let count = buffer.withUnsafeMutableBytes {
      fill(UnsafeMutableRawBufferPointer(rebasing: $0[before...]))
    }
    buffer.removeLast(most - count)
    given += count
  }

  private func refill() throws(FileError) {
    let (count, code) = FileSystem.read(file, into: raw, at: next)
    guard code == 0 else { throw FileError(path, cannot: "be read", errno: code) }
    next += count
    unread = 0..<count
  }

  /// Goes on behind `count` bytes of a plain file without reading them. Returns false if it is gzip or
  /// has fewer. What was read has to be used up.
  func skip(_ count: Int) -> Bool {
    guard !isGzip, count <= size - next else { return false }
    next += count
    memberStart = next
    return true
  }

  /// Goes to the next member that begins a record, from behind the start of the present one.
  /// Returns false if there is none.
  func seekMember() throws(FileError) -> Bool {
    isInMember = false
    next = memberStart + 1
    unread = 0..<0
    while true {
      try refill()
      guard unread.count > 3 else { return false }
      let start = next - unread.count
      for place in 0..<(unread.count - 3)
      where raw[place] == 0x1F && raw[place + 1] == 0x8B && raw[place + 2] == 8
        && raw[place + 3] < 32
      {
        guard begins(at: start + place) else { continue }
        next = start + place
        unread = 0..<0
        return true
      }
      // A mark may lie across two pieces.
      next -= 3
      if unread.count < Self.pieceSize { return false }
    }
  }

  /// Whether a member at a place begins with a record.
  private func begins(at place: Int) -> Bool {
    var start = [UInt8](repeating: 0, count: 512)
    let (count, _) = start.withUnsafeMutableBytes { FileSystem.read(file, into: $0, at: place) }
    return Inflater.whole(start[..<count], bits: 31, limit: 5) == Array("WARC/".utf8)
  }
}
