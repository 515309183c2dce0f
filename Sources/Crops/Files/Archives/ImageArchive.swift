import Images
import Support

/// A file in an archive.
package struct ArchiveEntry: Sendable {
  /// The path within the archive.
  package let name: String
  /// The size in bytes, when it is unpacked.
  package let bytes: Int
  /// Where it lies: an offset in a tar archive, a number in a zip archive.
  let place: Int
}

/// An archive whose files are read one by one, in any order and without unpacking it. Any thread
/// may call.
protocol ImageArchive: Sendable {
  var path: String { get }
  /// The files, without folders and links. Of several with the same name only the last one.
  var entries: [ArchiveEntry] { get }
  /// Returns the first `count` bytes of a file, or all if it has fewer. Errors name the archive and
  /// the file.
  func bytes(of entry: ArchiveEntry, most count: Int) throws(ImageError) -> [UInt8]
}

extension ImageArchive {
  /// Returns the name of a file in messages.
  func name(of entry: ArchiveEntry) -> String { path + "/" + entry.name }

  /// Returns the bytes of a file. Throws if there are more than `limits` allow.
  func bytes(of entry: ArchiveEntry, limits: ImageLimits) throws(ImageError) -> [UInt8] {
    guard entry.bytes > 0 else { throw ImageError(name(of: entry), .empty) }
    try limits.check(bytes: entry.bytes, name: name(of: entry))
    return try bytes(of: entry, most: entry.bytes)
  }

  /// Keeps the last of several entries with the same name, as unpacking the archive would.
  static func last(_ entries: [ArchiveEntry]) -> [ArchiveEntry] {
    var places: [[UInt8]: Int] = [:]
    for (place, entry) in entries.enumerated() { places[ByteText.bytes(entry.name)] = place }
    guard places.count < entries.count else { return entries }
    return places.values.sorted().map { entries[$0] }
  }
}
