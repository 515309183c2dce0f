/// The attribute `srcset`: several versions of one image, with their sizes.
enum SourceSet {
  /// One version.
  struct Candidate: Equatable {
    let url: String
    /// The width in pixels, if it is said.
    let width: Double?
    /// The pixels for each of the page's, 1 if nothing is said.
    let density: Double
  }

  /// The most versions that are looked at.
  static let most = 256

  /// Returns the versions in their order (html.spec.whatwg.org, parsing a srcset attribute). Those
  /// with a description that is not valid are left out.
  static func candidates(_ text: String) -> [Candidate] {
    let bytes = Array(text.utf8)
    var found: [Candidate] = []
    var place = 0
    while found.count < most {
      while place < bytes.count, ASCII.isSpace(bytes[place]) || bytes[place] == comma { place += 1 }
      guard place < bytes.count else { break }
      let start = place
      place = bytes[place...].firstIndex(where: ASCII.isSpace) ?? bytes.count
      var url = bytes[start..<place]
      var words: [ArraySlice<UInt8>] = []
      if url.last == comma {
        // A comma at the end of an address ends the version.
        while url.last == comma { url.removeLast() }
      } else {
        words = descriptors(bytes, &place)
      }
      if let candidate = candidate(String(decoding: url, as: UTF8.self), words) {
        found.append(candidate)
      }
    }
    return found
  }

  private static let comma = UInt8(ascii: ",")

  /// Takes the words behind an address, up to a comma that is not in parentheses.
  private static func descriptors(_ bytes: [UInt8], _ place: inout Int) -> [ArraySlice<UInt8>] {
    let start = place
    var depth = 0
    while place < bytes.count, depth > 0 || bytes[place] != comma {
      if bytes[place] == UInt8(ascii: "(") { depth = 1 }
      if bytes[place] == UInt8(ascii: ")") { depth = 0 }
      place += 1
    }
    let words = bytes[start..<place].split(whereSeparator: ASCII.isSpace)
    place += 1
    return words
  }

  private static func candidate(_ url: String, _ words: [ArraySlice<UInt8>]) -> Candidate? {
    var (width, density): (Double?, Double?) = (nil, nil)
    for word in words {
      guard let value = Double(String(decoding: word.dropLast(), as: UTF8.self)), value.isFinite,
        value >= 0
      else { return nil }
      switch word.last {
      case UInt8(ascii: "w"): width = value
      case UInt8(ascii: "x"): density = value
      case UInt8(ascii: "h"): break
      default: return nil
      }
    }
    return Candidate(url: url, width: width, density: density ?? 1)
  }
}
