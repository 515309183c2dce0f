import Screen
import Support
import Wire

#if canImport(Glibc)
  import Glibc
#endif

/// From the words of a command line to an exit code: 0 done, 1 not done, 2 not understood.
enum CommandLineInterface {
  static let version = "0.1.0"

  static func run(_ words: [String]) -> Int32 {
    do {
      return try dispatch(words)
    } catch let error as UsageError {
      complain("\(error)")
      return 2
    } catch let error as Failure {
      complain("\(error)")
      return error.code
    } catch {
      complain("\(error)")
      return 1
    }
  }

  private static func dispatch(_ words: [String]) throws -> Int32 {
    guard let name = words.first else {
      print(help)
      return 2
    }
    switch name {
    case "--help", "-h", "help":
      print(help)
      return 0
    case "--version":
      print("dino \(version) (protocol \(protocolVersion))")
      return 0
    default: break
    }
    guard let command = Subcommand.all.first(where: { $0.name == name }) else {
      let nearest = nearestName(to: name, among: Subcommand.all.map(\.name))
      throw UsageError(
        "dino has no command '\(name)'"
          + (nearest.map { "; did you mean '\($0)'?" } ?? "; see dino --help"))
    }
    let arguments = try Arguments(Array(words.dropFirst()), for: command)
    guard !arguments.has("--help") else {
      print(command.help)
      return 0
    }
    return try command.body(arguments)
  }

  private static var help: String {
    let commands = Subcommand.all.map { ("\($0.name) \($0.arguments)", $0.summary) }
    let options = [
      ("--help", "print this, or with a command its options"), ("--version", "print the version"),
    ]
    return """
      usage: dino COMMAND [arguments] [options]

      Starts, shows and steers training runs on this machine. NAME may be left out where exactly
      one run is being trained.

      \(table(commands))

      \(table(options))
      """
  }

  private static func complain(_ text: String) {
    let line = "dino: \(text)\n"
    fflush(nil)
    write(STDERR_FILENO, line, line.utf8.count)
  }
}
