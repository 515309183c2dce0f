import CArchive
import Images
import Support

#if canImport(Glibc)
  import Glibc
#endif

/// A tar archive. Its headers are read once; then each file is read at its offset.
///
/// A compressed archive cannot be read so, and is refused.
struct TarArchive: ImageArchive {
  let path: String
  let entries: [ArchiveEntry]

  init(path: String) throws(FileError) {
    self.path = path
    let file = FileSystem.open(path, O_RDONLY)
    guard file >= 0 else { throw FileError(path, cannot: "be opened") }
    defer { close(file) }
    let size = try FileStatus(of: file, path: path).size
    entries = Self.last(try Self.list(file, path: path, size: size))
  }

  private static func list(
    _ file: Int32, path: String, size: Int
  ) throws(FileError) -> [ArchiveEntry] {
    guard let archive = archive_read_new() else { fatalError("out of memory") }
    defer { archive_read_free(archive) }
    archive_read_support_format_tar(archive)
    archive_read_support_filter_none(archive)
    let before = dino_archive_use_utf8()
    defer { dino_archive_restore_locale(before) }
    guard archive_read_open_fd(archive, file, 1 << 16) == ARCHIVE_OK else {
      throw damaged(path, "is no tar archive, or a compressed one, which has to be decompressed")
    }
    var entries: [ArchiveEntry] = []
    while true {
      var entry: OpaquePointer?
      let code = archive_read_next_header(archive, &entry)
      if code == ARCHIVE_EOF { return entries }
      guard code == ARCHIVE_OK || code == ARCHIVE_WARN, let entry else {
        let reason = archive_error_string(archive).map { ": " + String(cString: $0) } ?? ""
        throw damaged(path, "is damaged after \(Format.count(entries.count, "file"))\(reason)")
      }
      // Of a hard link only the name is there.
      guard archive_entry_filetype(entry) == S_IFREG, archive_entry_hardlink(entry) == nil,
        let name = archive_entry_pathname(entry)
      else { continue }
      let (offset, bytes) = (
        Int(archive_filter_bytes(archive, -1)), Int(archive_entry_size(entry))
      )
      guard offset >= 0, bytes >= 0, bytes <= size, offset <= size - bytes else {
        throw damaged(path, "ends before its file \(ByteText.text(name)) does")
      }
      entries.append(ArchiveEntry(name: ByteText.text(name), bytes: bytes, place: offset))
    }
  }

  private static func damaged(_ path: String, _ what: String) -> FileError {
    FileError(file: path, what: what, remedy: "make the archive again", cause: .damage)
  }

  func bytes(of entry: ArchiveEntry, most count: Int) throws(ImageError) -> [UInt8] {
    // Opened for each file, so that thousands of archives need no descriptors, and that one which
    // was away is found again.
    let file = FileSystem.open(path, O_RDONLY)
    guard file >= 0 else {
      let reason = errno
      throw ImageError(
        name(of: entry), reason == ENOENT ? .missing : .unreadable(SystemReason.of(reason)))
    }
    defer { close(file) }
    let wanted = min(count, entry.bytes)
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
      let target = UnsafeMutableRawBufferPointer(
        rebasing: UnsafeMutableRawBufferPointer(buffer)[..<wanted])
      (count, code) = FileSystem.read(file, into: target, at: entry.place)
    }
    guard code == 0 else { throw ImageError(name(of: entry), .unreadable(SystemReason.of(code))) }
    guard bytes.count == wanted else {
      throw ImageError(name(of: entry), .damaged("the archive ends before it"))
    }
    return bytes
  }
}
