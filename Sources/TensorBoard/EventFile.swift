import Support

#if canImport(Glibc)
  import Glibc
#endif

/// An event file of TensorBoard, which grows at its end. One thread owns it.
package final class EventFile {
  /// The path of the file.
  package let path: String
  private let descriptor: Int32
  /// The bytes that are complete records.
  private var size = 0

  private static let prefix = "events.out.tfevents."

  /// Creates a file in a folder, and the folder if there is none. TensorBoard reads a folder's files in
  /// the order of their names, so its name is after those that are there.
  ///
  /// - Parameter time: now, in seconds since 1970.
  package init(folder: String, time: Double) throws(FileError) {
    try FileSystem.makeFolder(folder)
    let newest = try FileSystem.names(in: folder).compactMap(Self.seconds).max() ?? 0
    let second = max(Int(time), newest + 1)
    let digits = Format.printf("%010ld", second)
    path = "\(folder)/\(Self.prefix)\(digits).\(HostName.own).\(getpid()).0"
    descriptor = FileSystem.open(path, O_WRONLY | O_CREAT | O_EXCL)
    guard descriptor >= 0 else { throw FileError(path, cannot: "be created") }
    try append([BoardEvent(time: time, step: 0, .version)])
  }

  deinit { close(descriptor) }

  /// Writes entries at the end. If that fails, nothing of them is in the file: TensorBoard could not
  /// read what came after a part of one.
  package func append(_ events: [BoardEvent]) throws(FileError) {
    try append(records: events.flatMap(\.record))
  }

  /// Writes entries as `append(_:)` does, which were encoded before.
  func append(records: [UInt8]) throws(FileError) {
    let code = records.withUnsafeBytes { FileSystem.write($0, to: descriptor, at: size) }
    guard code == 0 else {
      ftruncate(descriptor, off_t(size))
      throw FileError(path, writing: size + records.count, errno: code)
    }
    size += records.count
  }

  /// Returns the number in a file's name that says when it was created; `nil` for other files.
  private static func seconds(_ name: String) -> Int? {
    guard name.hasPrefix(prefix) else { return nil }
    return Int(name.dropFirst(prefix.count).prefix { $0 != "." })
  }
}
