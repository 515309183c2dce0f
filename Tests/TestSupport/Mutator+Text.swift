import Foundation

/// Changes of values, which a text survives that would not survive changes of its bytes: a reader
/// of JSON, YAML or CSV then gets past the syntax.
extension Mutator {
  /// What numbers are mostly replaced by: the ends of their types, and what is near them.
  private static let numbers = [
    "0", "-1", "1", "2", "7", "1.5", "-0.0", "1e-9", "1e9", "1e18", "1e19", "1e300", "1e400",
    "-1e300", "5e-324", "2147483647", "-2147483648", "4294967296", "9007199254740993",
    "1000000000000", "1000000000000000", "9223372036854775807", "9223372036854775806",
    "-9223372036854775808", "-9223372036854775807", "9223372036854775808",
    "18446744073709551615", "123456789012345678901234567890",
  ].map { Array($0.utf8) }

  /// What any values are replaced by, besides numbers.
  private static let others = [
    "nan", ".nan", ".inf", "-.inf", "\"nan\"", "\"inf\"", "\"-inf\"", "0x7fffffff", "1_000", "010",
    "null", "~", "true", "false", "yes", "{}", "[]", "[[]]", "{\"a\": 1}", "[0, 1]", "[1, 0]",
    "[-1e300, 1e300]", "\"\"", "''", "\"a\"", "\"1\"", "\"\\u0000\"", "\"\\ud800\"",
    "\"\\u001b[2J\"", "\"\\n\"", "\"\u{202E}\"", "\"é\u{301}\"", "..", "/", "a/../b", "&a", "*a",
    "!!int 1", "|", ">", "#", "---", "%", "@",
  ].map { Array($0.utf8) }

  private static let quote = UInt8(ascii: "\"")
  private static let separators = Set("{}[],:=\n \t".utf8)

  mutating func changeValue(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    switch below(16) {
    case 12...: changeDigit(&bytes)
    case 0..<6: replace(word(in: bytes), in: &bytes)
    case 6: bytes.replaceSubrange(word(in: bytes), with: bytes[word(in: bytes)])
    case 7: bytes.removeSubrange(member(in: bytes))
    case 8:
      let member = member(in: bytes)
      bytes.insert(contentsOf: bytes[member], at: member.lowerBound)
    case 9:
      bytes.replaceSubrange(member(in: bytes), with: bytes[member(in: bytes)])
    case 10:
      let long = [1, 30, 300, 70_000][below(4)]
      bytes.insert(
        contentsOf: Array(repeating: bytes[below(bytes.count)], count: long),
        at: word(in: bytes).lowerBound)
    default: nest(word(in: bytes), in: &bytes)
    }
  }

  /// Replaces a value by a hostile one, a number mostly by a number.
  private mutating func replace(_ word: Range<Int>, in bytes: inout [UInt8]) {
    let isNumber = bytes[word].first.map { "-0123456789".utf8.contains($0) } ?? false
    let kinds = below(isNumber ? 4 : 2) > 0 ? Self.numbers : Self.others
    bytes.replaceSubrange(word, with: kinds[below(kinds.count)])
  }

  /// Replaces a digit, which leaves most numbers possible.
  private mutating func changeDigit(_ bytes: inout [UInt8]) {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard let place = bytes[below(bytes.count)...].firstIndex(where: digits.contains) else {
      return
    }
    bytes[place] = UInt8(ascii: "0") + UInt8(below(10))
  }

  /// Wraps a value in lists or in objects.
  private mutating func nest(_ word: Range<Int>, in bytes: inout [UInt8]) {
    let depth = [1, 2, 9, 100, 600, 20_000][below(6)]
    let (open, close) = below(2) == 0 ? ("[", "]") : ("{\"a\":", "}")
    let before = Array(String(repeating: open, count: depth).utf8)
    let after = Array(String(repeating: close, count: below(8) == 0 ? 0 : depth).utf8)
    bytes.replaceSubrange(word, with: before + bytes[word] + after)
  }

  /// Returns the place of a value or a key: what is between two separators, or in quotes.
  private mutating func word(in bytes: [UInt8]) -> Range<Int> {
    let place = below(bytes.count)
    guard var start = bytes[place...].firstIndex(where: { !Self.separators.contains($0) }) else {
      return place..<place
    }
    if bytes[start] == Self.quote {
      let end = bytes[(start + 1)...].firstIndex(of: Self.quote) ?? bytes.count - 1
      return start..<end + 1
    }
    while start > 0 && !Self.separators.contains(bytes[start - 1]) && bytes[start - 1] != Self.quote
    {
      start -= 1
    }
    let end = bytes[start...].firstIndex { Self.separators.contains($0) } ?? bytes.count
    return start..<end
  }

  /// Returns the place of a list's element, an object's member, a line or a field, with the
  /// separator behind it.
  private mutating func member(in bytes: [UInt8]) -> Range<Int> {
    let start = below(bytes.count)
    let ends = Set("\n,{[".utf8)
    let first = start == 0 ? 0 : (bytes[start...].firstIndex { ends.contains($0) } ?? start) + 1
    var depth = 0
    for place in first..<max(first, bytes.count) {
      switch bytes[place] {
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        if depth < 0 { return first..<place }
      case UInt8(ascii: ","), UInt8(ascii: "\n"):
        if depth == 0 { return first..<place + 1 }
      default: break
      }
    }
    return first..<max(first, bytes.count)
  }
}

/// Returns JSON with its keys in alphabetical order. Otherwise each process would have another order,
/// and damage the text in other places.
package func sortedJSON(_ json: Data) -> [UInt8] {
  let value = try! JSONSerialization.jsonObject(with: json)
  return [UInt8](
    try! JSONSerialization.data(
      withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes]))
}
