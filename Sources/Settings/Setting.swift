/// A key of a file of settings: its name, accepted values, meaning and field in a document.
///
/// Reading, writing, suggestions and documentation all use the same table of such keys.
package struct Setting<Document>: Sendable {
  /// The dotted name, such as `optim.base_lr`.
  package let name: String
  /// The kind of value in words, such as `a number` or `a list of 2 numbers`.
  package let kind: String
  /// The range of numbers that it accepts; unused for other kinds.
  package let limits: Limits
  /// The words that it accepts; empty for other kinds.
  package let choices: [String]
  /// The meaning in one line, for readers of the file.
  package let meaning: String
  /// Whether `ssl_default_config.yaml` of the official code lacks the key.
  package private(set) var isOurs = false

  /// Stores a value in a document. Throws if it is not accepted.
  package let read: @Sendable (YAMLNode, inout Document) throws(Refusal) -> Void
  /// Returns the value as YAML text. Equal texts mean equal values.
  package let write: @Sendable (Document) -> String
  /// Returns why the key has no effect in a document; `nil` if it has.
  package private(set) var unusedReason: @Sendable (Document) -> String? = { _ in nil }

  package init(
    _ name: String, kind: String, limits: Limits = .any, choices: [String] = [],
    meaning: String, read: @escaping @Sendable (YAMLNode, inout Document) throws(Refusal) -> Void,
    write: @escaping @Sendable (Document) -> String
  ) {
    self.name = name
    self.kind = kind
    self.limits = limits
    self.choices = choices
    self.meaning = meaning
    self.read = read
    self.write = write
  }

  /// The group, such as `optim` of `optim.base_lr`.
  package var group: String { String(name.prefix { $0 != "." }) }

  /// The name within the group, such as `base_lr` of `optim.base_lr`.
  package var lastName: String { String(name.drop { $0 != "." }.dropFirst()) }

  /// Returns the value of this key in a document, as YAML text.
  package func text(in document: Document) -> String { write(document) }

  /// A copy that is marked as Dino's addition.
  package var ours: Setting {
    var copy = self
    copy.isOurs = true
    return copy
  }

  /// Returns a copy that has no effect if `when` returns `true`. A file that sets it anyway gets
  /// a notice. Of several reasons the first that holds is told.
  package func unused(_ reason: String, when: @escaping @Sendable (Document) -> Bool) -> Setting {
    var copy = self
    let earlier = unusedReason
    copy.unusedReason = { earlier($0) ?? (when($0) ? reason : nil) }
    return copy
  }
}

extension Setting {
  /// The accepted values, such as `a number, above 0` or `one of mlp, swiglu, swiglufused`.
  package var values: String {
    if !choices.isEmpty {
      return "\(kind == "a word" ? "one of" : "\(kind):") \(choices.joined(separator: ", "))"
    }
    let limits = limits.description
    return limits.isEmpty ? kind : "\(kind), \(limits)"
  }
}
