/// What a client may ask for. Each role includes the rights of the roles before it.
package enum ClientRole: Int, Sendable, Comparable {
  /// May watch a run.
  case viewer
  /// May change a run.
  case `operator`
  /// May also end a run.
  case owner

  package static func < (one: ClientRole, other: ClientRole) -> Bool {
    one.rawValue < other.rawValue
  }
}
