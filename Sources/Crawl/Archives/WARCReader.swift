import Support

/// What was recorded of one answer of a server.
package struct WARCRecord: Sendable, Equatable {
  /// The address that was asked for, as it is written.
  package let target: String
  /// The HTTP response: its header and body as they were sent.
  package let block: [UInt8]
}

/// Reads the responses in a web archive (ISO 28500), one after the other, with bounded memory.
///
/// An archive may be damaged, cut off or hostile. What can be read of it is; `problems` names what
/// was passed over, with its place.
package final class WARCReader {
  /// The most bytes of a record's contents that are kept; longer records are passed over.
  static let mostBytes = 64 << 20
  /// How many times larger than its compressed bytes a record may be.
  static let mostRatio = 1000
  /// The most bytes of a record's header.
  private static let mostHeader = 64 << 10
  /// How many problems are kept; others are counted.
  private static let mostProblems = 100

  /// Where reading may begin again without losing a record or meeting one twice, in bytes of the
  /// file. If compressed records share a member, or theirs is cut off, it is where the member begins.
  package private(set) var position: Int
  /// What was wrong with the archive, each in a line, the first hundred.
  package private(set) var problems: [String] = []
  /// How many problems there were.
  package private(set) var problemCount = 0

  private let input: ArchiveInput
  private var buffer: [UInt8] = []
  private var start = 0
  /// How the input ended; `nil` while it goes on.
  private var ending: ArchiveInput.Piece?
  /// What the input had taken and given when the present record began.
  private var before = (taken: 0, given: 0)

  /// Opens an archive at a position that another reader of it had.
  package init(path: String, from position: Int = 0) throws(FileError) {
    self.position = position
    input = try ArchiveInput(path: path, from: position)
  }

  /// Returns the next response; `nil` at the end of what can be read.
  package func next() throws(FileError) -> WARCRecord? {
    while true {
      try skipBlankLines()
      notePosition()
      if available == 0, ending != nil { return nil }
      before = (input.taken, input.given - available)
      let place = self.place
      guard let header = try header() else {
        if available == 0, ending != nil { return nil }
        continue
      }
      guard let length = header.length else {
        report("has no valid length", at: place)
        continue
      }
      let isWanted = header["warc-type"]?.lowercased() == "response"
      if isWanted && length <= Self.mostBytes {
        var block: [UInt8] = []
        let isWhole = try take(length, at: place) { block += $0 }
        guard isWhole else { continue }
        try skipBlankLines()
        notePosition()
        return WARCRecord(target: Self.target(header), block: block)
      }
      if isWanted { report("is larger than \(Self.mostBytes >> 20) MiB", at: place) }
      _ = try take(length, at: place) { _ in }
    }
  }

  /// The address of a record. Old archives put it in angle brackets.
  private static func target(_ header: HTTPHeader) -> String {
    let text = header["warc-target-uri"] ?? ""
    return text.hasPrefix("<") && text.hasSuffix(">") ? String(text.dropFirst().dropLast()) : text
  }

  private var available: Int { buffer.count - start }

  /// The place of the next byte in a plain file, or of its member.
  private var place: Int { input.isGzip ? input.memberStart : input.place - available }

  private func notePosition() {
    // An archive that is cut off may be complete the next time.
    guard ending != .cut else { return }
    if !input.isGzip {
      position = place
    } else if available == 0 && input.isBetweenMembers {
      position = input.place
    }
  }

  /// Gets more bytes; false at the end of what can be read.
  private func fill() throws(FileError) -> Bool {
    guard ending == nil else { return false }
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    let piece = try input.read(into: &buffer)
    switch piece {
    case .bytes:
      let (taken, given) = (input.taken - before.taken, input.given - before.given)
      guard input.isGzip, given > 1 << 20, given / Self.mostRatio > taken else { return true }
      report(
        "is more than \(Self.mostRatio) times larger than its compressed bytes",
        at: input.memberStart)
      try goToNextMember()
    case .end: ending = .end
    case .cut:
      endWithin(input.memberStart)
    case .damaged:
      report("is damaged", at: input.memberStart)
      try goToNextMember()
    }
    return false
  }

  /// Gives up the present member.
  private func goToNextMember() throws(FileError) {
    (buffer, start) = ([], 0)
    if try !input.seekMember() { ending = .end }
  }

  private func skipBlankLines() throws(FileError) {
    while true {
      while start < buffer.count, buffer[start] == 0x0A || buffer[start] == 0x0D { start += 1 }
      // Records that are members of their own end here, before the next member is begun.
      if available > 0 || (input.isGzip && input.isBetweenMembers) { return }
      guard try fill() else { return }
    }
  }

  /// Takes the header of the next record; `nil` if there is none here, after going on to where the
  /// next one may be.
  private func header() throws(FileError) -> HTTPHeader? {
    let place = input.isGzip && available == 0 ? input.place : self.place
    let mark = Array("WARC/".utf8)
    while available < mark.count { guard try fill() else { return isCut(place) } }
    guard buffer[start...].starts(with: mark) else {
      report("is no record of a web archive", at: place)
      try skipToMark(mark)
      return nil
    }
    var searched = start
    while true {
      if let end = Self.headerEnd(buffer, from: searched) {
        let header = HTTPHeader(buffer[start..<end])
        start = end
        return header
      }
      guard available <= Self.mostHeader else {
        report("has a header of more than \(Self.mostHeader >> 10) KiB", at: place)
        start += mark.count
        return nil
      }
      let done = max(0, available - 3)
      guard try fill() else { return isCut(place) }
      searched = start + done
    }
  }

  /// Reports bytes that are left at the end and are no whole header.
  private func isCut(_ place: Int) -> HTTPHeader? {
    if ending == .end && available > 0 { endWithin(place) }
    start = buffer.count
    return nil
  }

  private func endWithin(_ place: Int) {
    report("is cut off at the end of the file", at: place)
    ending = .cut
  }

  /// The place behind the empty line that ends a header; `nil` if there is none.
  static func headerEnd(_ bytes: [UInt8], from place: Int) -> Int? {
    var next = place
    while let feed = bytes[next...].firstIndex(of: 0x0A) {
      next = feed + 1
      if next < bytes.count && bytes[next] == 0x0A { return next + 1 }
      if next + 1 < bytes.count && bytes[next] == 0x0D && bytes[next + 1] == 0x0A {
        return next + 2
      }
    }
    return nil
  }

  /// Passes over bytes up to a line, or a member, that begins a record.
  private func skipToMark(_ mark: [UInt8]) throws(FileError) {
    var beginsLine = false
    while true {
      if beginsLine {
        while available < mark.count {
          guard try fill() else { return start = buffer.count }
        }
        if buffer[start...].starts(with: mark) { return }
      }
      if let feed = buffer[start...].firstIndex(of: 0x0A) {
        start = feed + 1
        beginsLine = true
      } else {
        start = buffer.count
        guard try fill() else { return }
        beginsLine = input.isFirstOfMember
      }
    }
  }

  /// Takes the contents of a record. Returns false, having said why, if they are not whole.
  private func take(
    _ length: Int, at place: Int, _ body: (ArraySlice<UInt8>) -> Void
  ) throws(FileError) -> Bool {
    var left = length
    while true {
      let count = min(left, available)
      body(buffer[start..<start + count])
      start += count
      left -= count
      if left == 0 { return true }
      if length > Self.mostBytes && input.skip(left) { return true }
      guard try fill() else {
        if ending == .end { endWithin(place) }
        return false
      }
      if input.isFirstOfMember && buffer[start...].starts(with: Array("WARC/1.".utf8)) {
        report("is shorter than it says", at: place)
        return false
      }
    }
  }

  private func report(_ what: String, at place: Int) {
    problemCount += 1
    guard problems.count < Self.mostProblems else { return }
    problems.append("\(input.path): the record at byte \(Format.count(place)) \(what)")
  }
}
