import Support

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// A program with subcommands. It maps a command line to an exit code: 0 for success, 1 for
/// failure, 2 for an invalid command line, or the code of an `ExitCodeError`.
package struct Program: Sendable {
  /// The name that users type, which also begins error messages.
  package let name: String
  /// The program's purpose, in whole sentences, for the top of its help.
  package let summary: String
  /// A text that `--version` prints after the version, such as the version of a protocol.
  package let versionNote: String?
  /// The commands in the order of the help.
  package let commands: [Subcommand]

  /// Creates a program.
  package init(
    name: String, summary: String, versionNote: String? = nil, commands: [Subcommand]
  ) {
    self.name = name
    self.summary = summary
    self.versionNote = versionNote
    self.commands = commands
  }

  /// The action that a command line requests.
  package enum Request {
    /// Print a text to standard output.
    case tell(String)
    /// Run a command.
    case run(Subcommand, Arguments)
    /// The command line is empty: print the help to standard error and exit with 2.
    case nothing
  }

  /// Executes a command line and returns the exit code.
  /// An error is printed as one line to standard error.
  ///
  /// - Parameter words: the command line without the program's name.
  package func run(_ words: [String]) -> Int32 {
    do {
      switch try request(words) {
      case .tell(let text): print(text)
      case .run(let command, let arguments): return try command.body(arguments)
      case .nothing:
        fputs(help + "\n", stderr)
        return 2
      }
      return 0
    } catch {
      fflush(stdout)
      fputs(line(of: error) + "\n", stderr)
      return Self.exitCode(of: error)
    }
  }

  /// Parses a command line without executing it.
  package func request(_ words: [String]) throws(UsageError) -> Request {
    guard let first = words.first else { return .nothing }
    let rest = Array(words.dropFirst())
    switch first {
    case "--version":
      return .tell([name, Version.current, versionNote].compactMap(\.self).joined(separator: " "))
    case "--help", "-h", "help":
      guard let topic = rest.first else { return .tell(help) }
      return .tell(try subcommand(named: topic).help(of: name))
    default: break
    }
    let command = try subcommand(named: first)
    if rest.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
      return .tell(command.help(of: name))
    }
    return .run(command, try Arguments(rest, for: command.syntax, of: name))
  }

  private func subcommand(named word: String) throws(UsageError) -> Subcommand {
    if let command = commands.first(where: { $0.name == word }) { return command }
    let nearest = nearestName(to: word, among: commands.map(\.name))
    let hint = nearest.map { "did you mean '\($0)'?" } ?? "see \(name) --help"
    throw UsageError("there is no command '\(word)'; \(hint)")
  }

  /// Returns an error as the line to print, such as `dino: there is no run yet`.
  /// Control characters are escaped, so that they cannot affect the terminal.
  package func line(of error: any Error) -> String {
    PrintableText.line("\(name): \(error)")
  }

  /// Returns the exit code for an error.
  package static func exitCode(of error: any Error) -> Int32 {
    (error as? any ExitCodeError)?.exitCode ?? 1
  }

  private var help: String {
    let options = [
      ("--help", "print this help, or with a command its help"),
      ("--version", "print the version"),
    ]
    return """
      usage: \(name) COMMAND [operands] [options]

      \(summary)

      \(TextTable(pairs: commands.map { ($0.name, $0.summary) }).text)

      \(TextTable(pairs: options).text)
      """
  }
}
