import Images

/// The images of a page of HTML.
package struct PageImages: Sendable {
  /// The most bytes of a page that are read.
  package static let mostBytes = 4 << 20
  /// The most images of a page that are taken.
  package static let mostImages = 10_000
  /// The most characters of an alternative text.
  private static let longestAlt = 1024

  /// An image of a page.
  package struct Image: Sendable, Equatable {
    /// Its address: of several versions the largest.
    package let url: WebURL
    /// Its alternative text, on one line.
    package let alt: String
  }

  /// The images in the order of the page, each address once.
  package private(set) var images: [Image] = []
  /// How many images had no address that can be fetched, such as those that are in the page itself.
  package private(set) var unusable = 0
  /// Whether the page, or the list of its images, was cut off at its limit.
  package private(set) var isCut = false
  /// The word with which the page asks not to take its images (`<meta name="robots">`); `nil` if it
  /// does not.
  package private(set) var refusal: String?

  private static let wanted: [String: Set<String>] = [
    "img": ["src", "srcset", "data-src", "data-srcset", "alt"],
    "source": ["srcset", "data-srcset", "type"], "picture": [], "base": ["href"],
    "meta": ["name", "content"],
  ]

  /// An image as its tags describe it.
  private struct Found {
    /// Versions in descending order of preference.
    var urls: [String] = []
    var alt = ""
  }

  /// Finds the images of a page.
  ///
  /// - Parameters:
  ///   - page: The page in any encoding. What exceeds the limit is not read.
  ///   - url: The page's address; `nil` if it is not known, and then only whole addresses count.
  ///   - charset: The encoding that a server said, if it said one.
  ///   - agent: The name by which we are known in what pages say to robots.
  package init(_ page: [UInt8], at url: WebURL?, charset: String? = nil, agent: String) {
    isCut = page.count > Self.mostBytes
    let text = PageText.utf8(isCut ? Array(page.prefix(Self.mostBytes)) : page, charset: charset)
    var tokeniser = HTMLTokeniser(text, wanted: Self.wanted)
    var base: WebURL?
    var sources: [SourceSet.Candidate]?
    var found: [Found] = []
    while let tag = tokeniser.next() {
      switch (tag.name, tag.isEnd) {
      case ("base", false):
        if base == nil, let href = tag.attributes["href"] { base = try? WebURL(href, base: url) }
      case ("meta", false): refusal = refusal ?? Self.refusal(tag.attributes, agent)
      case ("picture", let isEnd): sources = isEnd ? nil : []
      case ("source", false):
        guard let before = sources, before.count < SourceSet.most else { continue }
        sources = before + Self.sources(tag.attributes)
      case ("img", false):
        guard found.count < Self.mostImages else {
          isCut = true
          continue
        }
        found.append(Self.found(tag.attributes, sources ?? []))
        // They belong to one image alone.
        if sources != nil { sources = [] }
      default: break
      }
    }
    resolve(found, base ?? url)
  }

  /// What a tag `<meta>` says to robots that forbids.
  private static func refusal(_ attributes: [String: String], _ agent: String) -> String? {
    let name = attributes["name"]?.lowercased() ?? ""
    guard name == "robots" || name == agent.lowercased() else { return nil }
    return RobotsTag.refusal([attributes["content"] ?? ""], agent: agent)
  }

  /// The versions that `<source>` names, if they are of a type that can be read.
  private static func sources(_ attributes: [String: String]) -> [SourceSet.Candidate] {
    if let type = attributes["type"]?.lowercased() {
      let name = type.hasPrefix("image/") ? type.dropFirst(6).prefix { $0 != ";" } : ""
      guard ImageFormat.usualEndings.contains(String(name)) else { return [] }
    }
    return ["srcset", "data-srcset"].flatMap { SourceSet.candidates(attributes[$0] ?? "") }
  }

  private static func found(
    _ attributes: [String: String], _ sources: [SourceSet.Candidate]
  ) -> Found {
    let sets = ["srcset", "data-srcset"].flatMap { SourceSet.candidates(attributes[$0] ?? "") }
    // Widths say more than densities, which a page may give for any size.
    let sorted = (sets + sources).enumerated().sorted { one, other in
      let (a, b) = (one.element, other.element)
      let keys = ((a.width ?? -1, a.density), (b.width ?? -1, b.density))
      return keys.0 == keys.1 ? one.offset < other.offset : keys.0 > keys.1
    }
    let single = ["data-src", "src"].compactMap { attributes[$0] }
    let words = (attributes["alt"] ?? "").prefix(longestAlt).split(whereSeparator: \.isWhitespace)
    return Found(
      urls: sorted.map(\.element.url) + single.filter { !$0.isEmpty },
      alt: words.joined(separator: " "))
  }

  /// Takes of each image the first version that can be fetched.
  private mutating func resolve(_ found: [Found], _ base: WebURL?) {
    var known: Set<WebURL> = []
    for image in found where !image.urls.isEmpty {
      let url = image.urls.lazy.compactMap { try? WebURL($0, base: base) }.first
      if let url {
        if known.insert(url).inserted { images.append(Image(url: url, alt: image.alt)) }
      } else {
        unusable += 1
      }
    }
  }
}
