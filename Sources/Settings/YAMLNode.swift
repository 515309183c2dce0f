/// A value in a YAML text, with the line on which it begins, from 1.
package struct YAMLNode {
  /// What a value is.
  package enum Content {
    /// A scalar. If `plain`, it has no quotes, so it may be a number or a boolean.
    case scalar(String, plain: Bool)
    case sequence([YAMLNode])
    case mapping([(key: YAMLNode, value: YAMLNode)])
  }

  /// The value.
  package var content: Content
  /// The line, from 1.
  package var line: Int

  package init(content: Content, line: Int) {
    self.content = content
    self.line = line
  }

  /// The text of a scalar without quotes; `nil` for everything else.
  package var plainText: String? {
    if case .scalar(let text, plain: true) = content { return text }
    return nil
  }

  /// Whether this is a null value of YAML 1.1 or 1.2.
  package var isNull: Bool {
    guard let plainText else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(plainText)
  }

  /// A short form of the value for messages.
  package var shown: String {
    switch content {
    case .scalar(let text, let plain):
      if isNull { return "nothing" }
      let short = text.count > 60 ? text.prefix(57) + "..." : text[...]
      return plain ? String(short) : "\"\(short)\""
    case .sequence(let items): return "a list of \(items.count)"
    case .mapping: return "a group of keys"
    }
  }
}
