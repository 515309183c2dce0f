import Images

/// The number of files in a folder that are not used, by kind.
struct UnusedFiles {
  private var counts: [String: Int] = [:]
  /// The most kinds that are named.
  private static let mostKinds = 8
  /// The last words of kinds that have a plural. The others are names of formats.
  private static let nouns: Set<Substring> = ["archive", "file", "link", "video"]

  /// Counts a file.
  mutating func add(_ kind: String) { counts[kind, default: 0] += 1 }

  /// Counts a file of a given name, unless it is an image. Returns whether it is one.
  mutating func isImage(path: String, name: String) -> Bool {
    isImage(FileContent(path: path), name: name)
  }

  /// The same of a file that begins with given bytes.
  mutating func isImage(_ start: [UInt8], name: String) -> Bool {
    isImage(FileContent(start: start), name: name)
  }

  private mutating func isImage(_ content: FileContent, name: String) -> Bool {
    switch content {
    case .image: return true
    case .other(let kind): add(kind)
    case .unknown: add(Self.ending(of: name) ?? "unknown file")
    case .empty: add("empty file")
    case .unreadable: add("unreadable file")
    }
    return false
  }

  /// One line with the numbers, the most frequent kind first; `nil` if all files are used.
  var line: String? {
    guard !counts.isEmpty else { return nil }
    let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let others = sorted.dropFirst(Self.mostKinds).reduce(0) { $0 + $1.value }
    let kinds =
      sorted.prefix(Self.mostKinds).map { Self.numbered($0.value, $0.key) }
      + (others > 0 ? ["\(others) of other kinds"] : [])
    let sum = counts.values.reduce(0, +)
    return (sum == 1 ? "1 file is" : "\(sum) files are") + " not used: "
      + kinds.joined(separator: ", ") + " (only \(ImageFormat.list("and")) are read)"
  }

  private static func numbered(_ count: Int, _ kind: String) -> String {
    let isNoun = kind.split(separator: " ").last.map(nouns.contains) ?? false
    return "\(count) \(kind)" + (isNoun && count != 1 ? "s" : "")
  }

  /// Returns the ending of a name, with its dot, if it is short and plain.
  private static func ending(of name: String) -> String? {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
    let ending = name[dot...].lowercased()
    let isPlain = ending.utf8.dropFirst().allSatisfy {
      (0x30...0x39).contains($0) || (0x61...0x7A).contains($0)
    }
    return isPlain && (2...9).contains(ending.utf8.count) ? ending : nil
  }
}
