#if canImport(Glibc)
  import Glibc
#endif

/// What a robots.txt says to one robot (RFC 9309).
package struct RobotsFile: Sendable, Equatable {
  /// How much of a file is read, in bytes (RFC 9309, 2.5).
  package static let mostBytes = 500 << 10
  /// The longest time between two requests that a file may ask for, in seconds. Who asks for more is
  /// waited for this long.
  package static let longestDelay = 3600.0

  /// The time between two requests that the file asks for, in seconds; `nil` if it asks for none.
  package let crawlDelay: Double?
  /// The patterns one after the other, and what is said of each, the one that counts most first.
  private let patterns: [UInt8]
  private let rules: [Rule]

  /// A pattern and what is said of it. Files may have tens of thousands, so it is small.
  private struct Rule: Sendable, Equatable {
    let start: UInt32
    let count: UInt32
    let allows: Bool
    /// Whether the pattern has to reach to the end.
    let isAnchored: Bool

    /// The number of bytes of the pattern with its dollar sign: the longest wins, and on a tie what
    /// allows.
    var rank: (UInt32, Int) { (count + (isAnchored ? 1 : 0), allows ? 1 : 0) }
  }

  /// The bytes of memory that it takes.
  var cost: Int { patterns.count + rules.count * MemoryLayout<Rule>.stride }

  /// Everything is allowed.
  package static let allowed = RobotsFile([], agent: "")

  /// Reads what a file says to `agent`, or else to all. What is not understood is passed over.
  package init(_ bytes: [UInt8], agent: String) {
    var lines = Lines(bytes.prefix(Self.mostBytes))
    var groups = Groups(agent: agent.lowercased())
    while let (key, value) = lines.next() { groups.take(key, value) }
    let group = groups.ours ?? groups.everyone
    var patterns: [UInt8] = []
    var rules: [Rule] = []
    for (value, allows) in group.rules where !value.isEmpty {
      let isAnchored = value.last == UInt8(ascii: "$")
      let pattern = PercentEncoding.comparable(isAnchored ? value.dropLast() : value)
      rules.append(
        Rule(
          start: UInt32(patterns.count), count: UInt32(pattern.count), allows: allows,
          isAnchored: isAnchored))
      patterns += pattern
    }
    self.patterns = patterns
    self.rules = rules.sorted { $0.rank > $1.rank }
    crawlDelay = group.delay
  }

  /// Returns whether a path with its query may be asked for.
  package func allows(_ target: String) -> Bool {
    if target == "/robots.txt" { return true }
    let path = PercentEncoding.comparable(Array(target.utf8)[...])
    return rules.first { matches($0, path) }?.allows ?? true
  }

  /// Looks for the pieces between a pattern's stars one after the other, each as early as it can be:
  /// the first at the beginning, and the last at the end if the pattern reaches to it.
  private func matches(_ rule: Rule, _ path: [UInt8]) -> Bool {
    var rest = patterns[Int(rule.start)..<Int(rule.start + rule.count)]
    var place = 0
    var isFirst = true
    while true {
      let piece = rest.prefix { $0 != UInt8(ascii: "*") }
      let isLast = piece.endIndex == rest.endIndex
      if isFirst {
        guard path.starts(with: piece) else { return false }
        place = piece.count
        if isLast { return !rule.isAnchored || place == path.count }
      } else if isLast && rule.isAnchored {
        return path.count - piece.count >= place && path.suffix(piece.count).elementsEqual(piece)
      } else {
        guard let found = Self.find(piece, in: path, from: place) else { return false }
        place = found + piece.count
        if isLast { return true }
      }
      isFirst = false
      rest = rest[(piece.endIndex + 1)...]
    }
  }

  /// The first place of a piece, at or behind `start`.
  private static func find(_ piece: ArraySlice<UInt8>, in path: [UInt8], from start: Int) -> Int? {
    guard let first = piece.first else { return start }
    guard path.count - piece.count >= start else { return nil }
    return piece.withUnsafeBytes { piece in
      path.withUnsafeBytes { path in
        (start...(path.count - piece.count)).first {
          path[$0] == first
            && memcmp(path.baseAddress! + $0, piece.baseAddress!, piece.count) == 0
        }
      }
    }
  }
}

extension RobotsFile {
  /// The lines of a file that have a key and a value.
  private struct Lines {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
      rest = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes
    }

    mutating func next() -> (key: String, value: ArraySlice<UInt8>)? {
      while !rest.isEmpty {
        let line = rest.prefix { $0 != 0x0A && $0 != 0x0D }
        rest = rest[line.endIndex...].dropFirst()
        let said = line.prefix { $0 != UInt8(ascii: "#") }
        guard let colon = said.firstIndex(of: UInt8(ascii: ":")), colon - said.startIndex < 64
        else {
          continue
        }
        let key = Self.trimmed(said[..<colon])
        return (
          String(decoding: key, as: UTF8.self).lowercased(), Self.trimmed(said[(colon + 1)...])
        )
      }
      return nil
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
      let start = text.drop(while: ASCII.isSpace)
      let last = start.lastIndex { !ASCII.isSpace($0) }
      return last.map { start[...$0] } ?? []
    }
  }

  /// What is said to one or several robots.
  private struct Group {
    var rules: [(value: ArraySlice<UInt8>, allows: Bool)] = []
    var delay: Double?
  }

  /// Joins what a file says to us, and to all (RFC 9309, 2.2.1).
  private struct Groups {
    let agent: String
    var ours: Group?
    var everyone = Group()
    private var concerns = (us: false, all: false)
    /// Whether the last line named a robot. Several of these begin one group.
    private var isNaming = false

    init(agent: String) { self.agent = agent }

    mutating func take(_ key: String, _ value: ArraySlice<UInt8>) {
      switch key {
      case "user-agent":
        if !isNaming { concerns = (false, false) }
        isNaming = true
        let name = String(decoding: value, as: UTF8.self).lowercased()
        // A version may follow the name.
        let token = name.prefix { $0.isASCII && ($0.isLetter || $0 == "-" || $0 == "_") }
        if name == "*" { concerns.all = true }
        if !token.isEmpty && token == agent {
          concerns.us = true
          if ours == nil { ours = Group() }
        }
      case "allow", "disallow":
        isNaming = false
        add { $0.rules.append((value, key == "allow")) }
      case "crawl-delay":
        isNaming = false
        guard let seconds = Double(String(decoding: value, as: UTF8.self)), seconds >= 0 else {
          return
        }
        add { $0.delay = min(seconds, longestDelay) }
      // Other lines, such as Sitemap, say nothing to robots and end no group.
      default: break
      }
    }

    private mutating func add(_ change: (inout Group) -> Void) {
      if concerns.us { change(&ours!) }
      if concerns.all { change(&everyone) }
    }
  }
}
