import Support

/// The images of the pages in a web archive. The position is one of the archive's bytes.
package struct ArchiveLinks: LinkSource {
  package let path: String
  private let agent: String

  /// - Parameter agent: The name by which we are known in what pages say to robots.
  package init(path: String, agent: String) {
    self.path = path
    self.agent = agent
  }

  package var name: String { "warc:" + FilePath.canonical(path) }

  package var unit: String { "bytes" }
  package func size() throws(FileError) -> Int { try FileSystem.status(path)?.size ?? 0 }

  package func read(
    from position: Int, counts: inout LinkCounts,
    _ take: ([ImageLink], Int) throws(FileError) -> Bool
  ) throws(FileError) {
    let reader = try WARCReader(path: path, from: position)
    while let record = try reader.next() {
      let links = links(record, &counts)
      guard try take(links, reader.position) else { return }
    }
    _ = try take([], reader.position)
    for problem in reader.problems { counts.note(problem) }
  }

  private func links(_ record: WARCRecord, _ counts: inout LinkCounts) -> [ImageLink] {
    guard let end = WARCReader.headerEnd(record.block, from: 0) else { return [] }
    let header = HTTPHeader(record.block[..<end])
    guard header.status == 200, ["text/html", "application/xhtml+xml", ""].contains(header.type),
      let url = try? WebURL(record.target)
    else { return [] }
    guard
      let page = HTTPBody.decoded(
        record.block[end...], header, limit: PageImages.mostBytes + 1)
    else {
      counts.unreadable += 1
      return []
    }
    let refusal = RobotsTag.refusal(header.all("x-robots-tag"), agent: agent)
    return PageImages(page, at: url, charset: header.charset, agent: agent)
      .links(page: url.description, isRefused: refusal != nil, &counts)
  }
}

extension PageImages {
  /// The links of a page, which is counted.
  func links(
    page: String, isRefused: Bool = false, _ counts: inout LinkCounts
  ) -> [ImageLink] {
    counts.pages += 1
    if isCut { counts.cut += 1 }
    if isRefused || refusal != nil {
      counts.refusing += 1
      return []
    }
    counts.unusable += unusable
    return images.map { ImageLink(url: $0.url, page: page, alt: $0.alt) }
  }
}
