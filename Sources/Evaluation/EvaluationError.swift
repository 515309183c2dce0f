/// An error: features cannot be evaluated. It says what is wrong and gives the remedy.
package struct EvaluationError: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
