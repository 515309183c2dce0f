import Support

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// A program of several commands: from the words of a command line to an exit code, which is 0 for
/// done, 1 for not done, 2 for not understood, or what an `ExitCodeError` says.
package struct Program: Sendable {
  package let name: String
  /// What the program is for, in whole sentences; the head of its help.
  package let summary: String
  /// What `--version` adds to the version, such as that of a protocol.
  package let versionNote: String?
  /// In the order of the help.
  package let commands: [Subcommand]

  package init(
    name: String, summary: String, versionNote: String? = nil, commands: [Subcommand]
  ) {
    self.name = name
    self.summary = summary
    self.versionNote = versionNote
    self.commands = commands
  }

  /// What a command line asks for.
  package enum Request {
    /// A text for standard output.
    case tell(String)
    case run(Subcommand, Arguments)
    /// There is no word at all: help goes to standard error, with exit code 2.
    case nothing
  }

  /// Does what a command line asks for and returns the exit code. An error becomes one line on
  /// standard error.
  ///
  /// - Parameter words: the command line without the program's own name.
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

  /// Understands a command line without doing anything.
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
    return .run(command, try Arguments(rest, for: command, of: name))
  }

  private func subcommand(named word: String) throws(UsageError) -> Subcommand {
    if let command = commands.first(where: { $0.name == word }) { return command }
    let nearest = nearestName(to: word, among: commands.map(\.name))
    let hint = nearest.map { "did you mean '\($0)'?" } ?? "see \(name) --help"
    throw UsageError("there is no command '\(word)'; \(hint)")
  }

  /// `dino: there is no run yet`; characters that a terminal would obey are escaped.
  package func line(of error: any Error) -> String {
    PrintableText.line("\(name): \(error)")
  }

  /// The exit code that an error ends the program with.
  package static func exitCode(of error: any Error) -> Int32 {
    (error as? any ExitCodeError)?.exitCode ?? 1
  }

  private var help: String {
    let options = [
      ("--help", "print this, or after a command what it takes"),
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
