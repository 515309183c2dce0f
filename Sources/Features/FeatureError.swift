/// Why features cannot be computed, or labels not be read: what is wrong, where, and the remedy.
package struct FeatureError: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
