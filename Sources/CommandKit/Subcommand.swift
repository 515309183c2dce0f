import Support

/// A command of a program: its name, its arguments, its help and the code that runs it.
package struct Subcommand: Sendable {
  /// An option of the command.
  package typealias Option = CommandSyntax.Option

  /// The name, the operands and the options.
  let syntax: CommandSyntax
  /// A short description that begins with a verb in the imperative, such as "list the runs".
  package let summary: String
  /// Further paragraphs for the help.
  package let details: String
  /// Runs the command and returns the exit code. An error is printed as one line.
  package let body: @Sendable (Arguments) throws -> Int32

  /// Declares a command.
  package init(
    name: String, operands: String, count: ClosedRange<Int>, summary: String,
    options: [Option], details: String = "",
    body: @escaping @Sendable (Arguments) throws -> Int32
  ) {
    syntax = CommandSyntax(name: name, operands: operands, count: count, options: options)
    self.summary = summary
    self.details = details
    self.body = body
  }
}

extension Subcommand {
  /// The name that users type.
  package var name: String { syntax.name }

  /// Returns the text that `--help` prints.
  func help(of program: String) -> String {
    let rows = (syntax.options + [.help]).map { ($0.usage, $0.meaning) }
    return ["usage: \(syntax.usage(of: program))", summary, details, TextTable(pairs: rows).text]
      .filter { !$0.isEmpty }.joined(separator: "\n\n")
  }
}
