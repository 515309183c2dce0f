import Support

#if canImport(Glibc)
  import Glibc
#endif

/// The images of the HTML files in a folder and below it. The position is the number of files that
/// have been read, in the order of their paths.
package struct PageFolder: LinkSource {
  package let path: String
  private let base: WebURL?
  private let agent: String
  /// Folders that are nested deeper are passed over.
  private static let deepest = 64

  /// - Parameters:
  ///   - base: The address of the folder, to which those of its pages are relative; `nil` if it is not
  ///     known, and then only whole addresses count, and those below a page's own `<base>`.
  ///   - agent: The name by which we are known in what pages say to robots.
  package init(path: String, base: WebURL?, agent: String) {
    self.path = path
    self.base = base
    self.agent = agent
  }

  package var name: String { "pages:" + FilePath.canonical(path) }

  package var unit: String { "pages" }
  package func size() -> Int { 0 }

  package func read(
    from position: Int, counts: inout LinkCounts,
    _ take: ([ImageLink], Int) throws(FileError) -> Bool
  ) throws(FileError) {
    let files = try files(below: path, "", 0, &counts).sorted(by: FilePath.precedes)
    for (number, file) in files.enumerated().dropFirst(position) {
      guard try take(links(file, &counts), number + 1) else { return }
    }
  }

  private func links(_ file: String, _ counts: inout LinkCounts) -> [ImageLink] {
    let place = path + "/" + file
    do {
      let page = try FilePiece.read(place, at: 0, most: PageImages.mostBytes + 1)
      let address = PercentEncoding.path(ByteText.bytes(file)[...])
      let url = base.flatMap { try? WebURL(address, base: $0) }
      return PageImages(page, at: url, agent: agent)
        .links(page: url?.description ?? place, &counts)
    } catch {
      counts.unreadable += 1
      counts.note(error.description)
      return []
    }
  }

  /// The paths of all pages, relative to the folder. Links are not followed.
  private func files(
    below folder: String, _ prefix: String, _ depth: Int, _ counts: inout LinkCounts
  ) throws(FileError) -> [String] {
    guard let entries = try FileSystem.entries(in: folder) else {
      throw FileError(folder, cannot: "be listed", errno: ENOENT)
    }
    var found: [String] = []
    for entry in entries {
      let place = folder + "/" + entry.name
      var kind = entry.kind
      if kind == nil { kind = try FileSystem.status(place, followingLinks: false)?.kind }
      if kind == .folder && depth < Self.deepest {
        found += try files(below: place, prefix + entry.name + "/", depth + 1, &counts)
      } else if kind == .file, Self.isPage(entry.name) {
        found.append(prefix + entry.name)
      }
    }
    return found
  }

  private static func isPage(_ name: String) -> Bool {
    [".html", ".htm", ".xhtml"].contains { name.lowercased().hasSuffix($0) }
  }
}
