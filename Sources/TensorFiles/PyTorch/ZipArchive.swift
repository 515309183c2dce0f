import CZip
import Store
import Support

/// A zip archive that is open for reading. Only entries that are not compressed can be read, as
/// PyTorch writes them.
///
/// So reading never yields more bytes than the file has. Must be used by
/// one thread at a time.
final class ZipArchive {
  struct Entry {
    let index: UInt64
    let size: Int
    let isCompressed: Bool
  }

  let path: String
  private(set) var entries: [String: Entry] = [:]
  private let archive: OpaquePointer

  /// The largest number of entries, more than any checkpoint has.
  private static let mostEntries = 200_000

  init(path: String) throws(FileError) {
    self.path = path
    let size = try FileInput(path: path).size
    var code: Int32 = 0
    guard let archive = zip_open(path, ZIP_RDONLY, &code) else {
      throw damaged(path, "is not a whole zip archive")
    }
    self.archive = archive
    let count = zip_get_num_entries(archive, 0)
    guard count <= Self.mostEntries else { throw damaged(path, "has \(count) entries") }
    var total = 0
    for index in 0..<UInt64(count) {
      let (name, entry) = try entry(index)
      guard entries.updateValue(entry, forKey: name) == nil else {
        throw damaged(path, "has two entries named \(shown(name))")
      }
      // Compressed entries are never read.
      total += entry.isCompressed ? 0 : min(entry.size, size + 1)
      // Overlapping entries could otherwise yield more bytes than the file has.
      guard total <= size else {
        throw damaged(path, "has entries that are together larger than the file")
      }
    }
  }

  deinit { zip_discard(archive) }

  private func entry(_ index: UInt64) throws(FileError) -> (String, Entry) {
    var status = zip_stat_t()
    zip_stat_init(&status)
    let known = zip_uint64_t(ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_METHOD)
    guard zip_stat_index(archive, index, 0, &status) == 0, status.valid & known == known,
      let pointer = status.name, let name = String(validatingCString: pointer),
      let size = Int(exactly: status.size)
    else { throw damaged(path, "has an entry that cannot be read") }
    guard status.encryption_method == UInt16(ZIP_EM_NONE) else {
      throw damaged(path, "its entry \(shown(name)) is encrypted")
    }
    let isStored = status.comp_method == UInt16(ZIP_CM_STORE) && status.comp_size == status.size
    return (name, Entry(index: index, size: size, isCompressed: !isStored))
  }

  /// Throws if an entry of a folder is compressed.
  func refuseCompressed(in folder: String) throws(FileError) {
    let names = entries.filter { $0.value.isCompressed && $0.key.hasPrefix(folder) }.keys
    if let name = names.min() { throw compressed(name) }
  }

  private func compressed(_ name: String) -> FileError {
    FileError(
      file: path, what: "its entry \(shown(name)) is compressed, which torch.save never does",
      remedy: "load and save it anew with torch.save")
  }

  /// Fills `target` with an entry's bytes, beginning at `offset`.
  /// The entry's checksum is compared too if the whole entry is read.
  func read(
    _ name: String, at offset: Int = 0, into target: UnsafeMutableRawBufferPointer
  ) throws(FileError) {
    guard let entry = entries[name], offset >= 0, offset + target.count <= entry.size else {
      throw damaged(path, "has no \(offset + target.count) bytes under \(shown(name))")
    }
    guard !entry.isCompressed else { throw compressed(name) }
    guard let file = zip_fopen_index(archive, entry.index, 0) else {
      throw damaged(path, "its entry \(shown(name)) cannot be read")
    }
    defer { zip_fclose(file) }
    guard offset == 0 || zip_fseek(file, zip_int64_t(offset), SEEK_SET) == 0 else {
      throw damaged(path, "its entry \(shown(name)) cannot be read")
    }
    var done = 0
    while done < target.count {
      let count = zip_fread(file, target.baseAddress! + done, zip_uint64_t(target.count - done))
      guard count > 0 else {
        throw damaged(path, "its entry \(shown(name)) ends early")
      }
      done += Int(count)
    }
    if offset == 0, done == entry.size {
      // libzip compares the checksum when it reaches the end.
      var byte: UInt8 = 0
      guard zip_fread(file, &byte, 1) == 0 else {
        throw damaged(path, "its entry \(shown(name)) does not match its checksum")
      }
    }
  }

  /// Reads a whole entry. Throws if it is larger than `limit` bytes.
  func bytes(_ name: String, limit: Int) throws(FileError) -> [UInt8] {
    let size = entries[name]?.size ?? 0
    guard size <= limit else {
      throw damaged(
        path, "its entry \(shown(name)) has \(size) bytes; at most \(limit) are allowed")
    }
    var bytes = [UInt8](repeating: 0, count: size)
    try bytes.withUnsafeMutableBufferPointer { (target) throws(FileError) in
      try read(name, into: UnsafeMutableRawBufferPointer(target))
    }
    return bytes
  }
}
