import Support

/// An error: a recorded case cannot be replayed.
package struct CaseError: Error, CustomStringConvertible {
  package let path: String
  package let problem: String

  package var description: String {
    PrintableText.message("\(path): \(problem); copy or record the case again")
  }
}
