/// A value that a later version may write in a way that this version does not know.
package protocol KnownByName: Codable, Sendable {
  /// Decodes a value; returns `nil` if it is of a kind that this version does not know. Throws if it is of a known
  /// kind and malformed.
  static func known(from decoder: any Decoder) throws -> Self?
}

/// A list from which values of unknown kinds are left out when it is decoded. Its JSON form is that of an array.
package struct KnownList<Element: KnownByName>: Codable, Sendable {
  package var elements: [Element]

  package init(_ elements: [Element]) { self.elements = elements }

  package init(from decoder: any Decoder) throws {
    elements = try [Known](from: decoder).compactMap(\.element)
  }

  package func encode(to encoder: any Encoder) throws { try elements.encode(to: encoder) }

  private struct Known: Decodable {
    let element: Element?

    init(from decoder: any Decoder) throws { element = try Element.known(from: decoder) }
  }
}

extension KnownList: Equatable where Element: Equatable {}

extension PlannedCurve: KnownByName {
  private enum NameKey: String, CodingKey { case metric }

  package static func known(from decoder: any Decoder) throws -> Self? {
    let name = try decoder.container(keyedBy: NameKey.self).decode(String.self, forKey: .metric)
    return Metric(rawValue: name) == nil ? nil : try Self(from: decoder)
  }
}

extension ProbePicture: KnownByName {
  private enum NameKey: String, CodingKey { case kind }

  package static func known(from decoder: any Decoder) throws -> Self? {
    let name = try decoder.container(keyedBy: NameKey.self).decode(String.self, forKey: .kind)
    return Kind(rawValue: name) == nil ? nil : try Self(from: decoder)
  }
}

extension JournalEntry: KnownByName {
  /// An entry that cannot be read counts as unknown: its kind of change decides what belongs to it.
  package static func known(from decoder: any Decoder) -> Self? { try? Self(from: decoder) }
}
