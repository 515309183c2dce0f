/// What a server says about a file to robots, in `X-Robots-Tag` or `<meta name="robots">`.
package enum RobotsTag {
  /// Words that forbid to take an image for training. `none` means `noindex, nofollow`.
  private static let refusals: Set<String> = [
    "noai", "noimageai", "noindex", "noimageindex", "none",
  ]
  /// Words that a colon follows without naming a robot.
  private static let settings: Set<String> = [
    "unavailable_after", "max-snippet", "max-image-preview", "max-video-preview",
  ]

  /// Returns the word that forbids to take a file; `nil` if none does.
  ///
  /// - Parameters:
  ///   - values: The values of all such fields.
  ///   - agent: Our name. What is said to robots of other names does not count.
  package static func refusal(_ values: [String], agent: String) -> String? {
    for value in values {
      // A name holds for all that follows in the same field.
      var isOurs = true
      for part in value.lowercased().split(separator: ",") {
        var word = trimmed(part)
        if let colon = word.firstIndex(of: ":") {
          let name = trimmed(word[..<colon])
          if settings.contains(String(name)) { continue }
          isOurs = name == "*" || name == agent.lowercased()
          word = trimmed(word[word.index(after: colon)...])
        }
        if isOurs && refusals.contains(String(word)) { return String(word) }
      }
    }
    return nil
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let start = text.drop(while: \.isWhitespace)
    guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return start[...last]
  }
}
