/// A client's request for a change, or for a preview of what the change would cost.
package struct ChangeRequest: Sendable, Equatable {
  /// A unique id that the client chooses. A request with an id that was seen before is not carried
  /// out again.
  package var id: String
  /// The client that asks, such as `dino set (anna@workstation)`, or the name of a signal.
  package var client: String
  /// The change that is asked for.
  package var change: Change
  /// Whether the client only asks what the change would cost. A preview changes nothing and is not
  /// recorded.
  package var isPreview: Bool
  /// Whether the daemon asks for it by itself, as its guard does. Nobody's control stands against that.
  package var isOwn: Bool
  /// Why the daemon asks for it, in a few words; `nil` if a client does.
  package var reason: String?

  package init(
    id: String, client: String, change: Change, isPreview: Bool = false, isOwn: Bool = false,
    reason: String? = nil
  ) {
    self.id = id
    self.client = client
    self.change = change
    self.isPreview = isPreview
    self.isOwn = isOwn
    self.reason = reason
  }
}
