/// What became of an attempt to deliver a notice.
package enum Delivery: Sendable, Equatable {
  case delivered
  /// It may work later; the reason in a few words.
  case failed(String)
  /// It will not work as it is; the reason in a few words.
  case refused(String)
}
