/// Why features cannot be made or judged: what, where, and how to put it right.
package struct EvaluationError: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
