import CSync
import CXXHash
import Support

#if canImport(Glibc)
  import Glibc
#endif

/// A folder of images, each in a file that is named by the checksum of its bytes, as in
/// `3f/3f9c….jpg`. A file is there whole or not at all. One thread uses it.
package final class ImageStore {
  package let folder: String
  /// Where images are written until they are whole.
  private let incoming: String
  private var count = 0
  private var subfolders: Set<String> = []
  /// Whether something may not be on the disk yet.
  private var isChanged = false

  /// Creates the folder if it is missing, and removes what killed processes left there.
  package init(folder: String) throws(FileError) {
    self.folder = folder
    try FileSystem.makeFolder(folder)
    incoming = PartialPath.claim(folder + "/incoming", hidden: true)
    try FileSystem.remove(incoming)
    try FileSystem.makeFolder(incoming)
  }

  /// Removes what is not whole. No image can be begun after that.
  package func close() { try? FileSystem.remove(incoming) }

  deinit { close() }

  /// Begins an image.
  func begin() throws(FileError) -> IncomingImage {
    count += 1
    return try IncomingImage(path: "\(incoming)/\(count)")
  }

  /// Gives a whole image its name. One with the same bytes that is there already is replaced.
  func keep(_ image: IncomingImage, ending: String) throws(FileError) -> KeptImage {
    let hash = image.hash
    let subfolder = String(hash.prefix(2))
    let file = "\(subfolder)/\(hash).\(ending)"
    if subfolders.insert(subfolder).inserted {
      try FileSystem.makeFolder("\(folder)/\(subfolder)")
    }
    try image.finish(as: "\(folder)/\(file)")
    isChanged = true
    return KeptImage(hash: hash, file: file, bytes: image.count)
  }

  /// Flushes to the disk what was kept since the last call. Flushing the file system once takes a
  /// fraction of the time of flushing each file.
  func sync() throws(FileError) {
    guard isChanged else { return }
    let descriptor = FileSystem.open(folder, O_RDONLY | O_DIRECTORY)
    guard descriptor >= 0 else { throw FileError(folder, cannot: "be opened") }
    defer { Glibc.close(descriptor) }
    guard dino_sync_file_system(descriptor) == 0 else {
      throw FileError(folder, cannot: "be flushed")
    }
    isChanged = false
  }
}

/// An image that is being written. Without a `finish` nothing of it stays.
final class IncomingImage {
  private let path: String
  private let file: Int32
  private let state: OpaquePointer
  private var isFinished = false
  /// The number of bytes so far.
  private(set) var count = 0

  fileprivate init(path: String) throws(FileError) {
    self.path = path
    file = FileSystem.open(path, O_WRONLY | O_CREAT | O_TRUNC)
    guard file >= 0 else { throw FileError(path, cannot: "be created") }
    state = XXH3_createState()
    XXH3_128bits_reset(state)
  }

  deinit {
    close(file)
    XXH3_freeState(state)
    if !isFinished { try? FileSystem.removeFile(path) }
  }

  /// Adds bytes.
  func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    XXH3_128bits_update(state, bytes.baseAddress, bytes.count)
    count += bytes.count
    let code = FileSystem.write(bytes, to: file)
    guard code == 0 else { throw FileError(path, writing: count, errno: code) }
  }

  /// The XXH3-128 of the bytes so far, as hexadecimal digits.
  var hash: String {
    let digest = XXH3_128bits_digest(state)
    return [digest.high64, digest.low64].map {
      let digits = String($0, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  fileprivate func finish(as target: String) throws(FileError) {
    try FileSystem.move(path, to: target)
    isFinished = true
  }
}
