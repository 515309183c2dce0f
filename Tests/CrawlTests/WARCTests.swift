import Crawl
import Support
import TestSupport
import Testing

@Suite("Web archives")
struct WARCTests {
  private let folder = TemporaryFolder()

  /// Records of an archive: three responses between others.
  private let records = [
    ArchiveBuilder.info, ArchiveBuilder.request,
    ArchiveBuilder.response("http://a.org/1", "<img src=1.png alt=one>"), ArchiveBuilder.request,
    ArchiveBuilder.response("http://a.org/2", "<img src=2.png>"),
    ArchiveBuilder.record("metadata", "http://a.org/2", [0x0D, 0x0A, 0x57]),
    ArchiveBuilder.response("<http://a.org/3>", "<img src=3.png>"),
  ]

  /// The targets of all responses that can be read, from a position on; and the reader at the end.
  private func read(_ bytes: [UInt8], from position: Int = 0) throws -> ([String], WARCReader) {
    let reader = try WARCReader(path: folder.overwrite("a.warc", with: bytes), from: position)
    var targets: [String] = []
    while let record = try reader.next() { targets.append(record.target) }
    return (targets, reader)
  }

  private let all = ["http://a.org/1", "http://a.org/2", "http://a.org/3"]

  /// The archive in all the ways in which archives are compressed.
  private var versions: [[UInt8]] {
    let plain = Array(records.joined())
    let pieces = stride(from: 0, to: plain.count, by: 100).map {
      gzip(Array(plain[$0..<min($0 + 100, plain.count)]))
    }
    return [plain, Array(records.map { gzip($0) }.joined()), gzip(plain), Array(pieces.joined())]
  }

  @Test("all responses are read, plain, with a member for each record, and however else compressed")
  func whole() throws {
    for version in versions {
      let (targets, reader) = try read(version)
      #expect(targets == all && reader.problems == [] && reader.position == version.count)
    }
  }

  @Test("reading goes on at each position without a loss or a repeat")
  func positions() throws {
    for version in versions.prefix(2) {
      let reader = try WARCReader(path: folder.overwrite("b.warc", with: version))
      var before: [String] = []
      while let record = try reader.next() {
        before.append(record.target)
        #expect(try before + read(version, from: reader.position).0 == all)
      }
    }
    // Records of one member cannot be parted, so they are met again.
    let reader = try WARCReader(path: folder.overwrite("b.warc", with: versions[2]))
    _ = try reader.next()
    #expect(reader.position == 0)
  }

  @Test("an archive that is cut off at any byte gives what came before, and the place")
  func truncated() throws {
    for version in versions.prefix(3) {
      var last = 0
      for count in 0..<version.count {
        let (targets, reader) = try read(Array(version[..<count]))
        #expect(targets == Array(all[..<targets.count]) && targets.count >= last)
        last = targets.count
        #expect(reader.problemCount <= 1 && reader.position <= count)
        // What was cut off is read once the file is whole.
        let (rest, end) = try read(version, from: reader.position)
        #expect(end.problems == [])
        // A record is met again only if its member was cut off behind it.
        let repeated = version == versions[0] ? 0 : version == versions[1] ? 1 : targets.count
        #expect(targets + rest == all || targets.dropLast(repeated) + rest == all, "at \(count)")
      }
      #expect(last >= 2)
    }
    let (_, reader) = try read(Array(versions[0].dropLast(30)))
    let start = records.dropLast().joined().count
    #expect(reader.position == start)
    #expect(
      reader.problems == [
        "\(folder.path)/a.warc: the record at byte \(Format.count(start)) is cut off at the end of the file"
      ])
  }

  @Test("a damaged member is passed over and named, and what follows is read")
  func damagedMember() throws {
    let members = records.map { gzip($0) }
    for flipped in 12..<(members[2].count - 8) {
      var damaged = members
      damaged[2][flipped] ^= 0x20
      let (targets, reader) = try read(Array(damaged.joined()))
      #expect(targets.suffix(2) == all.suffix(2) && reader.problemCount <= 2)
    }
    var damaged = members
    damaged[2][20] ^= 0xFF
    let (targets, reader) = try read(Array(damaged.joined()))
    #expect(targets == Array(all.dropFirst()) && reader.problemCount == 1)
    #expect(
      reader.problems[0].contains("byte \(Format.count(members[0].count + members[1].count)) "))
  }

  @Test("garbage between records, and lengths that lie, cost no more than the record")
  func lies() throws {
    let short = ArchiveBuilder.record(
      "response", "http://a.org/x", Array("HTTP/1.1".utf8), length: 2)
    let long = ArchiveBuilder.record(
      "response", "http://a.org/y", Array("HTTP/1.1".utf8), length: 10_000)
    let none = Array("WARC/1.0\r\nWARC-Type: response\r\nContent-Length: x\r\n\r\n".utf8)
    let huge = Array("WARC/1.0\r\nContent-Length: 99999999999999999\r\n\r\n".utf8)
    for piece in [Array("garbage\n\nWAR\nWARC".utf8), short, none] {
      let (targets, reader) = try read(
        Array((records[..<3] + [piece + [0x0A]] + records[3...]).joined()))
      #expect(targets.filter { $0 != "http://a.org/x" } == all && reader.problemCount == 1)
    }
    for piece in [long, huge] {
      let members = (records[..<3] + [piece] + records[3...]).map { gzip($0) }
      let (targets, reader) = try read(Array(members.joined()))
      #expect(targets == all && reader.problemCount == 1)
    }
    // In a plain file a length hides what it covers.
    let (targets, reader) = try read(Array((records[..<3] + [huge] + records[3...]).joined()))
    #expect(targets == ["http://a.org/1"] && reader.problemCount == 1)
    let header = Array("WARC/1.0\r\n".utf8) + [UInt8](repeating: 0x61, count: 1 << 20)
    let (rest, _) = try read(Array((records[..<3] + [header + [0x0A]] + records[3...]).joined()))
    #expect(rest == all)
  }

  @Test("bombs are passed over with little memory, and what follows is read")
  func bombs() throws {
    let zeros = [UInt8](repeating: 0, count: 100 << 20)
    let inside = ArchiveBuilder.record("response", "http://a.org/x", zeros)
    let bombs = [gzip(inside, level: 9), gzip(zeros), gzip(zeros.map { _ in 0x0A })]
    for (number, bomb) in bombs.enumerated() {
      let members = records.map { gzip($0) }
      let file = Array((members[..<3] + [bomb] + members[3...]).joined())
      let path = folder.overwrite("bomb.warc", with: file)
      var targets: [String] = []
      let reader = try WARCReader(path: path)
      let taken = try bytesTaken {
        while let record = try reader.next() { targets.append(record.target) }
      }
      #expect(targets == all && reader.problemCount >= 1, "\(number)")
      #expect(reader.problems.last?.contains("times larger") == true)
      #expect(taken < 8 << 20)
    }
    // A large record in a plain file is not even read.
    let (targets, reader) = try read(Array((records[..<3] + [inside] + records[3...]).joined()))
    #expect(targets == all && reader.problems.count == 1)
    #expect(reader.problems[0].hasSuffix("is larger than 64 MiB"))
  }

  /// Bodies, and fields that say how they are coded.
  private var codings: [([UInt8], [String])] {
    let html = Array("<img src=x.png>".utf8)
    let chunked = Array("5;a=b\r\n<img \r\nA\r\nsrc=x.png>\r\n0\r\n\r\n".utf8)
    return [
      (html, []), (chunked, ["Transfer-Encoding: chunked"]), (html, ["Transfer-Encoding: chunked"]),
      (gzip(html), ["Content-Encoding: gzip"]), (html, ["Content-Encoding: x-gzip"]),
      (gzip(html).dropLast(9), ["content-encoding: GZIP"]), (html, ["Content-Encoding: br"]),
      (Array(gzip(html)[10...].dropLast(8)), ["Content-Encoding: deflate"]),
      (html, ["Content-Encoding: deflate"]), (html, ["Content-Encoding: identity"]),
      (
        Array("\(String(gzip(html).count, radix: 16))\n".utf8) + gzip(html),
        ["Content-Encoding: gzip", "Transfer-Encoding: Chunked"]
      ),
    ]
  }

  /// The links of an archive of pages.
  private func links(_ records: [[UInt8]]) throws -> ([ImageLink], LinkCounts) {
    let path = folder.overwrite("c.warc", with: Array(records.joined()))
    var counts = LinkCounts()
    var links: [ImageLink] = []
    try ArchiveLinks(path: path, agent: "dino").read(from: 0, counts: &counts) {
      (more, _) throws(FileError) in
      links += more
      return true
    }
    return (links, counts)
  }

  @Test("pages are read in all the ways in which servers code them")
  func bodies() throws {
    for (body, fields) in codings {
      let block = ArchiveBuilder.http(body, fields)
      let (links, counts) = try links([ArchiveBuilder.record("response", "http://a.org/d/", block)])
      #expect(links.map(\.url.description) == ["http://a.org/d/x.png"], "\(fields)")
      #expect(counts.pages == 1 && counts.unreadable == 0)
    }
    let brotli = ArchiveBuilder.http([0x1B, 0x0E, 0], ["Content-Encoding: br"])
    #expect(try links([ArchiveBuilder.record("response", "http://a/", brotli)]).1.unreadable == 1)
    let bomb = ArchiveBuilder.http(
      gzip([UInt8](repeating: 0x20, count: 50 << 20)), ["Content-Encoding: gzip"])
    let (found, counts) = try links([ArchiveBuilder.record("response", "http://a/", bomb)])
    #expect(found == [] && counts.cut == 1)
  }

  @Test("only pages that were found count, and none that asks not to take its images")
  func pages() throws {
    let html = Array("<img src=x.png alt=x>".utf8)
    let missing = ArchiveBuilder.http(html, [], status: 404)
    let picture = Array("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n".utf8) + html
    let (links, counts) = try links([
      ArchiveBuilder.response("http://a.org/1", "<img src=x.png alt=x>"),
      ArchiveBuilder.record("response", "http://a.org/2", missing),
      ArchiveBuilder.record("response", "http://a.org/3", picture),
      ArchiveBuilder.record("response", "ftp://a.org/4", ArchiveBuilder.http(html, [])),
      ArchiveBuilder.response("http://a.org/5", "<img src=y>", "X-Robots-Tag: noai"),
      ArchiveBuilder.response("http://a.org/6", "<meta name=robots content=noimageai><img src=z>"),
      ArchiveBuilder.response("http://a.org/7", "<img src=u>", "X-Robots-Tag: otherbot: noai"),
    ])
    #expect(
      links == [
        ImageLink(url: try WebURL("http://a.org/x.png"), page: "http://a.org/1", alt: "x"),
        ImageLink(url: try WebURL("http://a.org/u"), page: "http://a.org/7"),
      ])
    #expect(counts.pages == 4 && counts.refusing == 2)
  }
}
