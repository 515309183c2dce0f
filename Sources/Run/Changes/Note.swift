/// A remark that a person adds to the journal.
package struct Note: Sendable, Equatable {
  package var text: String

  package init(_ text: String) { self.text = text }
}
