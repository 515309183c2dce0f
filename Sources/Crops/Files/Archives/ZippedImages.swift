import CZip
import Images
import Support
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// A zip archive. Its directory is read once; then each file is unpacked by itself.
final class ZippedImages: ImageArchive {
  let path: String
  let entries: [ArchiveEntry]
  /// libzip serves one thread at a time. Unpacking a file takes far less time than decoding it.
  private let archive: Mutex<Handle>

  private struct Handle: @unchecked Sendable {
    let archive: OpaquePointer
  }

  init(path: String) throws(FileError) {
    self.path = path
    let file = FileSystem.open(path, O_RDONLY)
    guard file >= 0 else { throw FileError(path, cannot: "be opened") }
    var code: Int32 = 0
    guard let archive = zip_fdopen(file, 0, &code) else {
      close(file)
      throw Self.damaged(path, "is not a whole zip archive")
    }
    do throws(FileError) {
      entries = Self.last(try Self.list(archive, path: path))
    } catch {
      zip_discard(archive)
      throw error
    }
    self.archive = Mutex(Handle(archive: archive))
  }

  deinit { archive.withLock { zip_discard($0.archive) } }

  private static func list(
    _ archive: OpaquePointer, path: String
  ) throws(FileError) -> [ArchiveEntry] {
    var entries: [ArchiveEntry] = []
    for number in 0..<max(0, zip_get_num_entries(archive, 0)) {
      var status = zip_stat_t()
      zip_stat_init(&status)
      // The name as it is stored, whatever its encoding.
      guard
        zip_stat_index(archive, zip_uint64_t(number), UInt32(ZIP_FL_ENC_RAW), &status) == 0,
        let name = status.name, let bytes = Int(exactly: status.size)
      else { throw damaged(path, "has an entry that cannot be read") }
      let text = ByteText.text(name)
      if text.hasSuffix("/") { continue }
      guard status.encryption_method == UInt16(ZIP_EM_NONE) else {
        throw damaged(path, "its file \(text) is encrypted")
      }
      entries.append(ArchiveEntry(name: text, bytes: bytes, place: Int(number)))
    }
    return entries
  }

  private static func damaged(_ path: String, _ what: String) -> FileError {
    FileError(file: path, what: what, remedy: "make the archive again", cause: .damage)
  }

  func bytes(of entry: ArchiveEntry, most count: Int) throws(ImageError) -> [UInt8] {
    let (wanted, name) = (min(count, entry.bytes), name(of: entry))
    let outcome: Result<[UInt8], ImageError> = archive.withLock { handle in
      do throws(ImageError) {
        return .success(
          try Self.read(handle.archive, entry, wanted, isWhole: wanted == entry.bytes, name))
      } catch {
        return .failure(error)
      }
    }
    return try outcome.get()
  }

  private static func read(
    _ archive: OpaquePointer, _ entry: ArchiveEntry, _ wanted: Int, isWhole: Bool, _ name: String
  ) throws(ImageError) -> [UInt8] {
    guard let file = zip_fopen_index(archive, zip_uint64_t(entry.place), 0) else {
      throw problem(zip_get_error(archive), name)
    }
    defer { zip_fclose(file) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(wanted)
    // By pieces, since the declared size may be larger than what is there.
    var piece = [UInt8](repeating: 0, count: min(max(wanted, 1), 1 << 18))
    while bytes.count < wanted {
      let most = min(piece.count, wanted - bytes.count)
      let got = zip_fread(file, &piece, zip_uint64_t(most))
      guard got > 0 else {
        guard got < 0 else { throw ImageError(name, .damaged("the archive ends before it")) }
        throw problem(zip_file_get_error(file), name)
      }
      bytes += piece[..<Int(got)]
    }
    // libzip compares the checksum when it reaches the end.
    guard !isWhole || zip_fread(file, &piece, 1) == 0 else {
      throw problem(zip_file_get_error(file), name)
    }
    return bytes
  }

  /// Tells a failure of the system, which may pass, from damage.
  private static func problem(_ error: UnsafeMutablePointer<zip_error_t>?, _ name: String)
    -> ImageError
  {
    guard let error else { return ImageError(name, .damaged("the archive cannot be read")) }
    if zip_error_code_zip(error) == ZIP_ER_READ || zip_error_code_zip(error) == ZIP_ER_SEEK {
      return ImageError(name, .unreadable(SystemReason.of(zip_error_code_system(error))))
    }
    return ImageError(
      name, .damaged(zip_error_strerror(error).map { String(cString: $0) } ?? "zip"))
  }
}
