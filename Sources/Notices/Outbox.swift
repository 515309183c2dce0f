import FoundationEssentials
import Support

/// The notices that are still to be delivered: a file for each in a folder, so that none is lost with
/// the process. One thread uses it.
package struct Outbox {
  /// A notice on its way to one destination.
  package struct Item: Codable, Sendable, Equatable {
    package let notice: Notice
    /// The name of the destination.
    package let destination: String
    /// How often its delivery was tried. It is counted before each attempt, since a process may be
    /// killed between the delivery and its record.
    package internal(set) var attempts = 0

    /// The name of its file.
    package var file: String { "\(notice.id)-\(destination).json" }
  }

  /// The folder, which is made with the first notice.
  package let folder: String

  package init(folder: String) { self.folder = folder }

  /// Adds a notice for each destination. They are on the disk when this returns.
  package func add(_ notice: Notice, for destinations: [String]) throws(FileError) -> [Item] {
    try FileSystem.makeFolder(folder, mode: 0o700)
    let items = destinations.map { Item(notice: notice, destination: $0) }
    for item in items { try write(item) }
    return items
  }

  /// Returns what is still to be delivered, from the oldest. Files that cannot be understood are left
  /// where they are.
  package func waiting() throws(FileError) -> [Item] {
    try FileSystem.names(in: folder).filter { $0.hasSuffix(".json") }.compactMap { name in
      guard let bytes = try? WholeFile.read("\(folder)/\(name)", limit: 1 << 16) else { return nil }
      return PortableJSON.decode(Item.self, Data(bytes))
    }.sorted { $0.notice.time < $1.notice.time }
  }

  /// Counts an attempt, before it is made.
  package func begin(_ item: inout Item) throws(FileError) {
    item.attempts += 1
    try write(item)
  }

  /// Forgets what was delivered.
  package func finish(_ item: Item) throws(FileError) {
    try FileSystem.removeFile("\(folder)/\(item.file)")
  }

  /// Sets aside what cannot be delivered, for a person to look at.
  package func setAside(_ item: Item) throws(FileError) {
    try FileSystem.move("\(folder)/\(item.file)", to: "\(folder)/\(item.file).refused")
  }

  /// Returns the path of an item's file.
  func path(of item: Item) -> String { "\(folder)/\(item.file)" }

  private func write(_ item: Item) throws(FileError) {
    let json = PortableJSON.encode(item)
    try WholeFile.write(
      String(decoding: json, as: UTF8.self), to: path(of: item), mode: 0o600)
  }
}
