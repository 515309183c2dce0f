import Store
import Support

/// Where the result of a curation goes. It takes the place of nothing that a curation did not make, and
/// is no part of the images that it is made of.
struct ResultPlace {
  let list: String
  /// The folder of links or copies; `nil` for a list alone.
  let folder: String?
  private let pool: Pool

  /// The file by which a folder is known as a result.
  private static let mark = ".dino-result"

  /// Throws if something else is there.
  init(_ context: CurationContext) throws {
    let keys = context.plan.apply
    pool = context.pool
    switch keys.form {
    case .list:
      list = keys.to.isEmpty ? pool.list : keys.to
      folder = nil
    case .links, .copies:
      let to = keys.to.isEmpty ? pool.images : keys.to
      (list, folder) = (to + ".csv", to)
    }
    if let folder { try checkFolder(folder, context.plan.allPaths) }
    try checkList(context.plan.allPaths)
  }

  private func checkFolder(_ folder: String, _ sources: [String]) throws {
    let place = FilePath.canonical(folder)
    for source in sources.map(FilePath.canonical) {
      guard place != source, !place.hasPrefix(source + "/"), !source.hasPrefix(place + "/") else {
        throw refusal(folder, "\(source), which the plan reads, is there")
      }
    }
    guard try FileSystem.status(folder, followingLinks: false) != nil,
      !FileSystem.exists(folder + "/" + Self.mark)
    else { return }
    throw refusal(folder, "there is something that no curation made")
  }

  private func checkList(_ sources: [String]) throws {
    let place = FilePath.canonical(list)
    guard !sources.map(FilePath.canonical).contains(place) else {
      throw refusal(list, "the plan reads it")
    }
    guard place != FilePath.canonical(pool.list), FileSystem.exists(list) else { return }
    let sum = FileSystem.isFile(list) ? try Self.sum(of: list) : ""
    guard try made().contains("\(sum) \(list)") else {
      throw refusal(list, "there is something that no curation made, or that was changed since")
    }
  }

  private func refusal(_ path: String, _ why: String) -> FileError {
    FileError(
      file: path, what: "the result cannot go there: \(why)",
      remedy: "nothing was changed; give apply.to another place")
  }

  /// The lists that curations of the pool made, each behind the checksum of its contents.
  private func made() throws -> [String] {
    guard FileSystem.exists(pool.results) else { return [] }
    let bytes = try WholeFile.read(pool.results, limit: 1 << 24)
    return bytes.split(separator: UInt8(ascii: "\n")).map { ByteText.text($0) }
  }

  private static func sum(of path: String) throws -> String {
    Checksum.text(of: ByteText.text(try WholeFile.read(path, limit: 1 << 34)))
  }

  /// Writes the list. That it is ours is on the disk before it is.
  func write(list bytes: [UInt8]) throws {
    let entry = "\(Checksum.text(of: ByteText.text(bytes))) \(list)"
    let all = try made().filter { $0 != entry } + [entry]
    try WholeFile.write(
      bytes: ByteText.bytes(all.suffix(1000).joined(separator: "\n") + "\n"), to: pool.results)
    try WholeFile.write(bytes: bytes, to: list)
  }

  /// Marks a folder that becomes the result.
  func mark(_ folder: String) throws {
    try WholeFile.write(
      "This folder was made by dinod curate, which replaces it as a whole.\n",
      to: folder + "/" + Self.mark)
  }
}
