import Support

/// The bytes of tensors' storages by their keys. Must be used by one thread at a time.
protocol StorageSource {
  /// Returns the size of a storage in bytes, or `nil` if there is none of the key.
  func size(_ key: String) -> Int?
  /// Fills `target` with the bytes of a storage that begin at `offset`.
  func read(
    _ key: String, at offset: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(FileError)
}

/// The storages of a zip archive: entries of the folder `data`.
struct ArchivedStorages: StorageSource {
  let archive: ZipArchive
  /// The folder in the archive, with a trailing slash.
  let root: String

  func size(_ key: String) -> Int? { archive.entries[root + "data/" + key]?.size }

  func read(
    _ key: String, at offset: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(FileError) {
    try archive.read(root + "data/" + key, at: offset, into: target)
  }
}
