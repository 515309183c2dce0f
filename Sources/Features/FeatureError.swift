import Support

/// Why features cannot be computed, or labels not be read: what is wrong, where, and the remedy.
package struct FeatureError: Error, Equatable, CustomStringConvertible {
  package let description: String
  /// Whether files could not be read by the system, which may pass.
  package let isOutage: Bool

  package init(_ description: String, isOutage: Bool = false) {
    self.description = PrintableText.message(description)
    self.isOutage = isOutage
  }
}
