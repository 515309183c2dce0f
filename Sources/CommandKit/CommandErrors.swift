/// An error that determines the program's exit code. The code is 1 for all other errors.
package protocol ExitCodeError: Error {
  /// The exit code of the program.
  var exitCode: Int32 { get }
}

/// An error in the command line, described in one line with the remedy. The exit code is 2.
package struct UsageError: ExitCodeError, CustomStringConvertible {
  /// The message: one line without the program's name.
  package let description: String
  package var exitCode: Int32 { 2 }

  /// Creates an error with the given message.
  package init(_ description: String) { self.description = description }

  /// Creates an error for an invalid value, such as `--batch takes a whole number, not 'x'`.
  package init(_ option: String, takes what: String, not text: String) {
    self.init("\(option) takes \(what), not '\(text)'")
  }
}

/// A failure to do what was requested, described in one line with the remedy.
package struct Failure: ExitCodeError, CustomStringConvertible {
  /// The message: one line without the program's name.
  package let description: String
  package let exitCode: Int32

  /// Creates a failure with the given message and exit code.
  package init(_ description: String, code: Int32 = 1) {
    self.description = description
    exitCode = code
  }
}
