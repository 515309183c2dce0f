/// Why features cannot be evaluated: what is wrong with them, and the remedy.
package struct EvaluationError: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
