/// The keys of a YAML file whose top level is groups of keys, in the order of the file.
package struct SettingsFile {
  /// A key and its value.
  package struct Entry {
    /// The dotted name, such as `optim.base_lr`.
    package let name: String
    package let value: YAMLNode
    package let place: SettingLocation
  }

  package private(set) var entries: [Entry] = []
  private let file: String
  private let isGroup: (String) -> Bool
  private var lines: [String: Int] = [:]

  /// Reads the text of a file. Throws if it is not YAML, not groups of keys, or has a key twice.
  ///
  /// - Parameters:
  ///   - name: the file's name in messages.
  ///   - noun: what the file is, such as `a recipe`.
  ///   - example: a group, such as `student:`.
  ///   - isGroup: whether a dotted name is that of a group. The value of any other name is an entry,
  ///     whatever it is.
  package init(
    _ text: [UInt8], name: String, noun: String, example: String,
    isGroup: @escaping (String) -> Bool
  ) throws(SettingError) {
    (file, self.isGroup) = (name, isGroup)
    let root: YAMLNode?
    do { root = try YAMLParser.parse(text) } catch {
      throw SettingError(place: .file(name, line: error.line), key: nil, message: error.message)
    }
    guard let root, !root.isNull else {
      throw SettingError(
        place: .file(name, line: nil), key: nil,
        message: "empty; \(noun) needs at least one group of keys, such as \(example)")
    }
    guard case .mapping(let pairs) = root.content else {
      throw SettingError(
        place: .file(name, line: root.line), key: nil,
        message: "\(root.shown) is not a mapping; \(noun) is groups of keys, such as \(example)")
    }
    try take(pairs, group: nil)
  }

  private mutating func take(
    _ pairs: [(key: YAMLNode, value: YAMLNode)], group: String?
  ) throws(SettingError) {
    for (key, value) in pairs {
      let place = SettingLocation.file(file, line: key.line)
      // No key is this long, and a whole page of text would make a poor message.
      guard case .scalar(let last, _) = key.content, last.utf8.count <= 100 else {
        throw SettingError(place: place, key: group, message: "a key must be a word")
      }
      let name = group.map { "\($0).\(last)" } ?? last
      if let first = lines.updateValue(key.line, forKey: name) {
        throw SettingError(place: place, key: name, message: "given twice, first on line \(first)")
      }
      guard isGroup(name) else {
        entries.append(Entry(name: name, value: value, place: place))
        continue
      }
      if case .mapping(let inner) = value.content {
        try take(inner, group: name)
      } else if !value.isNull {
        throw SettingError(
          place: place, key: name,
          message: "must be a group of keys, indented under it, not \(value.shown)")
      }
    }
  }
}

extension SettingsFile.Entry {
  /// Reads a `key=value` override. A list or quoted text is parsed as YAML. Anything else is taken
  /// literally, so that a path may contain what YAML reads as a comment.
  ///
  /// - Parameter example: what an override looks like, for messages.
  package init(override text: String, example: String) throws(SettingError) {
    place = .override(text)
    guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
      throw SettingError(
        place: place, key: nil, message: "must be KEY=VALUE, such as \(example)")
    }
    name = String(text[..<equals])
    let text = String(text[text.index(after: equals)...])
    guard let first = text.first, "[{'\"".contains(first) else {
      value = YAMLNode(content: .scalar(text, plain: true), line: 1)
      return
    }
    do {
      value =
        try YAMLParser.parse(Array(text.utf8))
        ?? YAMLNode(content: .scalar(text, plain: true), line: 1)
    } catch {
      throw SettingError(place: place, key: name, message: error.message)
    }
  }
}
