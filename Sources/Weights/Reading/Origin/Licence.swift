import Store
import Support

/// The licence of weights, as model cards name it.
package struct Licence: Sendable, Equatable {
  /// The Hugging Face Hub's word for it, such as `apache-2.0`; `other` where it has none.
  var identifier: String
  /// The name of another licence, and where it is.
  var name: String?
  var link: String?

  /// The licence of the weights of DINOv3 that Meta released.
  static let dinov3 = Licence(
    identifier: other, name: "dinov3-license",
    link: "https://ai.meta.com/resources/models-and-libraries/dinov3-license")

  private static let other = "other"
  private static let files = ["LICENSE", "LICENSE.md", "LICENSE.txt"]

  /// The licence in words.
  var text: String { (name ?? identifier) + (link.map { " (\($0))" } ?? "") }

  /// The lines that state it in a model card's metadata.
  package var lines: [String] {
    ["license: \(identifier)"] + (name.map { ["license_name: \($0.quoted)"] } ?? [])
      + (link.map { ["license_link: \($0.quoted)"] } ?? [])
  }
}

extension Licence {
  /// Finds what the files in a folder of weights name: the metadata of its model card, then the first line of its
  /// LICENSE, then its config.json. `nil` if none does. A file that cannot be read says nothing.
  init?(in folder: String) {
    if let card = Self.card(folder + "/README.md") {
      self = card
    } else if let title = Self.files.lazy.compactMap({ Self.title(folder + "/" + $0) }).first {
      self.init(identifier: Self.other, name: title, link: nil)
    } else if let config = try? JSONObject(file: folder + "/config.json"),
      let text = config["license"]?.text.flatMap(Self.line)
    {
      self.init(identifier: text)
    } else {
      return nil
    }
  }

  /// Creates a licence from texts of a file, if there is one. Only single short lines are taken.
  init?(identifier: String?, name: String?, link: String?) {
    guard let identifier = identifier.flatMap(Self.line) else { return nil }
    self.init(
      identifier: identifier, name: name.flatMap(Self.line), link: link.flatMap(Self.line))
  }

  private init(identifier: String) {
    self.init(identifier: identifier, name: nil as String?, link: nil as String?)
  }

  /// Reads the metadata at the head of a model card: lines of `key: value` between two of `---`.
  private static func card(_ path: String) -> Licence? {
    guard let lines = lines(path), lines.first == "---" else { return nil }
    var found: [String: String] = [:]
    for line in lines.dropFirst().prefix(while: { $0 != "---" }) {
      let pair = line.split(separator: ":", maxSplits: 1)
      if pair.count == 2, line.hasPrefix("license") { found[String(pair[0])] = String(pair[1]) }
    }
    return Licence(
      identifier: found["license"], name: found["license_name"], link: found["license_link"])
  }

  private static func title(_ path: String) -> String? {
    lines(path)?.lazy.map { String($0.drop { $0 == "#" || $0 == " " }) }.first { !$0.isEmpty }
      .flatMap(line)
  }

  private static func lines(_ path: String) -> [Substring]? {
    guard FileSystem.exists(path) else { return nil }
    return try? FileInput.text(of: path, limit: 1 << 20).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
  }

  /// A value without quotes and blanks around it; `nil` if that is no short line of text.
  private static func line(_ text: String) -> String? {
    func isAround(_ character: Character) -> Bool { " \t\"'".contains(character) }
    let inner = text.drop(while: isAround).reversed().drop(while: isAround).reversed()
    let line = String(inner)
    let isText = line.unicodeScalars.allSatisfy {
      !$0.properties.isDefaultIgnorableCodePoint && $0.properties.generalCategory != .control
    }
    return !line.isEmpty && line.utf8.count <= 300 && isText ? line : nil
  }
}

extension String {
  /// The text as a value of YAML: in quotes if it is more than a word or a link.
  fileprivate var quoted: String {
    let isPlain = utf8.allSatisfy {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
        || (UInt8(ascii: "-")...UInt8(ascii: ":")).contains($0)
    }
    return isPlain && first?.isLetter == true && last != ":" ? self : jsonQuoted
  }
}
