/// One value of a YAML text, with the line it begins on (from 1).
struct YAMLNode {
  enum Content {
    /// `plain`: written without quotes, so it may be a number or a truth value.
    case scalar(String, plain: Bool)
    case sequence([YAMLNode])
    case mapping([(key: YAMLNode, value: YAMLNode)])
  }

  var content: Content
  var line: Int

  /// The text of a scalar written without quotes; nil for everything else.
  var plainText: String? {
    if case .scalar(let text, plain: true) = content { return text }
    return nil
  }

  /// Nothing, as YAML 1.1 and 1.2 write it.
  var isNull: Bool {
    guard let plainText else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(plainText)
  }

  /// The value in short, for a message.
  var shown: String {
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
