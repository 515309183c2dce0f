// One function for each kind of value, which makes a key from its name, its field in the document and
// its limits.

extension Setting {
  /// A field of a document, usable from any thread.
  package typealias Field<Value> = WritableKeyPath<Document, Value> & Sendable

  /// Makes a key for a whole number.
  package static func int(
    _ name: String, _ field: Field<Int>, _ limits: Limits, _ meaning: String
  ) -> Setting {
    Setting(
      name, kind: "a whole number", limits: limits, meaning: meaning,
      read: { (node, document) throws(Refusal) in
        document[keyPath: field] = try whole(node, limits)
      },
      write: { String($0[keyPath: field]) })
  }

  /// Makes a key for a number.
  package static func float(
    _ name: String, _ field: Field<Double>, _ limits: Limits, _ meaning: String
  ) -> Setting {
    Setting(
      name, kind: "a number", limits: limits, meaning: meaning,
      read: { (node, document) throws(Refusal) in
        document[keyPath: field] = try number(node, limits)
      },
      write: { $0[keyPath: field].yaml })
  }

  /// Makes a key for two numbers, the smaller first, which are two fields.
  package static func pair(
    _ name: String, _ lower: Field<Double>, _ upper: Field<Double>, _ limits: Limits,
    _ meaning: String
  ) -> Setting {
    list(name, [lower, upper], ascending: true, limits, meaning)
  }

  /// Makes a key for a list of numbers, one for each field.
  package static func list(
    _ name: String, _ fields: [Field<Double>], ascending: Bool = false, _ limits: Limits,
    _ meaning: String
  ) -> Setting {
    let kind = "a list of \(fields.count) numbers"
    return Setting(
      name, kind: kind, limits: limits, meaning: meaning,
      read: { (node, document) throws(Refusal) in
        guard case .sequence(let items) = node.content, items.count == fields.count else {
          throw Refusal("must be \(kind), not \(node.shown)")
        }
        var values: [Double] = []
        for item in items { values.append(try number(item, limits)) }
        guard !ascending || zip(values, values.dropFirst()).allSatisfy({ $0 <= $1 }) else {
          throw Refusal("must begin with the smaller number, not with \(items[0].shown)")
        }
        for (field, value) in zip(fields, values) { document[keyPath: field] = value }
      },
      write: { document in
        "[" + fields.map { document[keyPath: $0].yaml }.joined(separator: ", ") + "]"
      })
  }

  /// Makes a key for `true` or `false`.
  package static func bool(_ name: String, _ field: Field<Bool>, _ meaning: String) -> Setting {
    Setting(
      name, kind: "true or false", meaning: meaning,
      read: { (node, document) throws(Refusal) in
        guard let value = node.plainText.flatMap({ Bool($0.lowercased()) }) else {
          throw Refusal("must be true or false, not \(node.shown)")
        }
        document[keyPath: field] = value
      },
      write: { String($0[keyPath: field]) })
  }

  /// Makes a key for one of the raw values of an enumeration.
  package static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
    _ name: String, _ field: Field<Value>, _ meaning: String
  ) -> Setting where Value.RawValue == String {
    let choices = Value.allCases.map(\.rawValue)
    return Setting(
      name, kind: "a word", choices: choices, meaning: meaning,
      read: { (node, document) throws(Refusal) in
        document[keyPath: field] = Value(rawValue: try word(node, of: choices))!
      },
      write: { $0[keyPath: field].rawValue })
  }

  /// Makes a key for one of the given words, stored as text.
  package static func choice(
    _ name: String, _ field: Field<String>, of choices: [String], _ meaning: String
  ) -> Setting {
    Setting(
      name, kind: "a word", choices: choices, meaning: meaning,
      read: { (node, document) throws(Refusal) in
        document[keyPath: field] = try word(node, of: choices)
      },
      write: { $0[keyPath: field] })
  }

  /// Makes a key for a list of distinct words out of `choices`. A single word is a list of one.
  package static func words(
    _ name: String, _ field: Field<[String]>, of choices: [String], _ meaning: String
  ) -> Setting {
    Setting(
      name, kind: "a list of words", choices: choices, meaning: meaning,
      read: { (node, document) throws(Refusal) in
        var words: [String] = []
        for item in items(node) { words.append(try word(item, of: choices)) }
        if let twice = words.indices.first(where: { words[..<$0].contains(words[$0]) }) {
          throw Refusal("names \(words[twice]) twice")
        }
        document[keyPath: field] = words
      },
      // Quoted, so that the list is valid JSON too.
      write: { "[" + $0[keyPath: field].map { "\"\($0)\"" }.joined(separator: ", ") + "]" })
  }

  /// Makes a key for a list of texts. A single text is a list of one.
  package static func texts(
    _ name: String, _ field: Field<[String]>, _ meaning: String
  ) -> Setting {
    Setting(
      name, kind: "a list of texts", meaning: meaning,
      read: { (node, document) throws(Refusal) in
        document[keyPath: field] = try items(node).map { (item) throws(Refusal) in
          guard case .scalar(let text, _) = item.content, !item.isNull else {
            throw Refusal("must be a list of texts, not of \(item.shown)")
          }
          return text
        }
      },
      write: { "[" + $0[keyPath: field].map(\.yamlScalar).joined(separator: ", ") + "]" })
  }

  /// Makes a key for a list of whole numbers. A single number is a list of one.
  package static func ints(
    _ name: String, _ field: Field<[Int]>, _ limits: Limits, _ meaning: String
  ) -> Setting {
    Setting(
      name, kind: "a list of whole numbers", limits: limits, meaning: meaning,
      read: { (node, document) throws(Refusal) in
        document[keyPath: field] = try items(node).map { (item) throws(Refusal) in
          try whole(item, limits)
        }
      },
      write: { "[" + $0[keyPath: field].map(String.init).joined(separator: ", ") + "]" })
  }

  /// Makes a key for a list of numbers. A single number is a list of one.
  package static func floats(
    _ name: String, _ field: Field<[Double]>, _ limits: Limits, _ meaning: String
  ) -> Setting {
    Setting(
      name, kind: "a list of numbers", limits: limits, meaning: meaning,
      read: { (node, document) throws(Refusal) in
        document[keyPath: field] = try items(node).map { (item) throws(Refusal) in
          try number(item, limits)
        }
      },
      write: { "[" + $0[keyPath: field].map(\.yaml).joined(separator: ", ") + "]" })
  }

  /// Makes a key for text. `problem` returns what is wrong with a text; `nil` if it is valid.
  package static func text(
    _ name: String, _ field: Field<String>, _ meaning: String,
    problem: @escaping @Sendable (String) -> String? = { _ in nil }
  ) -> Setting {
    Setting(
      name, kind: "text", meaning: meaning,
      read: { (node, document) throws(Refusal) in
        guard case .scalar(let text, let plain) = node.content,
          !node.isNull || text.isEmpty || !plain
        else { throw Refusal("must be text, not \(node.shown)") }
        guard !text.contains("${") else {
          throw Refusal("contains ${...}, which is not expanded; write the value out")
        }
        if let problem = problem(text) { throw Refusal(problem) }
        document[keyPath: field] = text
      },
      write: { $0[keyPath: field].yamlScalar })
  }
}

/// The items of a list, or a single value as the only one.
private func items(_ node: YAMLNode) -> [YAMLNode] {
  if case .sequence(let items) = node.content { items } else { [node] }
}

private func whole(_ node: YAMLNode, _ limits: Limits) throws(Refusal) -> Int {
  // Accept only plain digits: YAML 1.1 reads 010 as eight and 1_0 as ten, other readers do not.
  guard let text = node.plainText, let value = Int(text), String(value) == text else {
    throw Refusal("must be a whole number, not \(node.shown)")
  }
  try check(Double(value), limits, node)
  return value
}

private func number(_ node: YAMLNode, _ limits: Limits) throws(Refusal) -> Double {
  guard let text = node.plainText, let value = Double(text),
    text.allSatisfy({ "0123456789+-.eE".contains($0) })
  else { throw Refusal("must be a number, not \(node.shown)") }
  try check(value, limits, node)
  guard limits.containSingle(value) else {
    throw Refusal("\(node.shown) is too close to a limit for single precision")
  }
  return value
}

private func check(_ value: Double, _ limits: Limits, _ node: YAMLNode) throws(Refusal) {
  guard value.isFinite else { throw Refusal("must be a finite number, not \(node.shown)") }
  guard limits.contain(value) else { throw Refusal("must be \(limits), not \(node.shown)") }
}

private func word(_ node: YAMLNode, of choices: [String]) throws(Refusal) -> String {
  guard case .scalar(let text, _) = node.content, choices.contains(text) else {
    throw Refusal("must be one of \(choices.joined(separator: ", ")); not \(node.shown)")
  }
  return text
}
