/// What a client may do. Each role may also do what the ones before it may.
package enum ClientRole: String, Sendable, Comparable, Codable, CaseIterable {
  /// May watch a run.
  case viewer
  /// May change a run.
  case `operator`
  /// May also end a run.
  case owner

  /// A role of a later version counts as the least.
  package init(from decoder: any Decoder) throws {
    self = ClientRole(rawValue: try String(from: decoder)) ?? .viewer
  }

  package static func < (one: ClientRole, other: ClientRole) -> Bool { one.rank < other.rank }

  /// The role with its article, for sentences.
  package var withArticle: String { self == .viewer ? "a viewer" : "an \(rawValue)" }

  private var rank: Int { Self.allCases.firstIndex(of: self)! }
}
