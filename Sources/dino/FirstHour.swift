import CommandKit
import Control
import History
import Support

#if canImport(Glibc)
  import Glibc
#endif

/// What `dino` does with words that are no command of its own.
enum FirstHour {
  /// The commands of `dinod` that compute something. `dino` passes them on, so that nobody has to know
  /// which of the two programs has them.
  static let computing = [
    "advise", "recipe", "plan", "schedule", "images", "statistics", "verify", "bench", "embed",
    "eval",
    "quality", "pca", "export", "import", "descriptor", "curate", "notify", "watch",
  ]

  /// Returns the words of a command of `dino`; `nil` if there is nothing to do any more.
  ///
  /// Without words that is `attach` where there is a run to look at, or else how to begin is said. A command
  /// of `dinod` replaces this program. Throws a line for the name of a run.
  static func words(_ typed: [String]) throws -> [String]? {
    guard let first = typed.first else {
      guard isatty(STDOUT_FILENO) == 1 else { return [] }
      if let runs = try? RunCatalogue.all(in: nil), !runs.isEmpty {
        return runs.count > 1 ? ["attach", "--list"] : ["attach"]
      }
      // A machine that trains nothing shows what its hosts do.
      if let hosts = try? HostList.read().hosts, !hosts.isEmpty { return ["ls"] }
      print(guide)
      return nil
    }
    guard !Program.dino.commands.contains(where: { $0.name == first }) else { return typed }
    if computing.contains(first) { try become(Daemon.find(), typed) }
    if RunCatalogue.named(first, in: nil) != nil {
      throw UsageError("'\(first)' is a run; show it with: dino attach \(first)")
    }
    return typed
  }

  /// Replaces this program by `dinod`. Throws if that is impossible.
  private static func become(_ daemon: Daemon, _ words: [String]) throws {
    var arguments = ([daemon.path] + words).map { strdup(FilePath.c($0)) } + [nil]
    execv(FilePath.c(daemon.path), &arguments)
    throw FileError(daemon.path, cannot: "be started")
  }

  private static let guide = """
    There is no run here yet. To begin:

      dino start sessions/quickstart.yaml --attach    two minutes, on images it makes
      dino advise ~/Pictures --to pictures.yaml       a recipe for your images
      dino start pictures.yaml --name mine --attach   and that run, on the screen
      dino hosts add gpu1 tcp://gpu1:5640 KEY         or see another machine's runs

    dino doctor looks whether training works here; dino --help lists all commands.
    """
}
