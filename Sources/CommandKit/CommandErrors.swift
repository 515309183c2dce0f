/// An error that says which exit code the program ends with. Every other error ends it with 1.
package protocol ExitCodeError: Error {
  var exitCode: Int32 { get }
}

/// A command line that cannot be understood, in one line with the remedy. Exit code 2.
package struct UsageError: ExitCodeError, CustomStringConvertible {
  package let description: String
  package var exitCode: Int32 { 2 }

  package init(_ description: String) { self.description = description }

  /// An option with a value that it does not take: `--batch takes a whole number, not 'x'`.
  package init(_ option: String, takes what: String, not text: String) {
    self.init("\(option) takes \(what), not '\(text)'")
  }
}

/// Something that cannot be done, in one line that says what to do.
package struct Failure: ExitCodeError, CustomStringConvertible {
  package let description: String
  package let exitCode: Int32

  package init(_ description: String, code: Int32 = 1) {
    self.description = description
    exitCode = code
  }
}
