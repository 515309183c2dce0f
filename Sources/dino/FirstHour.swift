import Control
import History
import Support

#if canImport(Glibc)
  import Glibc
#endif

/// What `dino` does without a command.
enum FirstHour {
  /// Returns the words that stand for none: `attach` where there is a run to look at, or else `nil`, after
  /// saying how to begin.
  static func words() -> [String]? {
    guard isatty(STDOUT_FILENO) == 1 else { return [] }
    if let runs = try? RunCatalogue.all(in: nil), !runs.isEmpty { return ["attach"] }
    print(guide)
    return nil
  }

  private static let guide = """
    There is no run here yet. To begin:

      dino start sessions/quickstart.yaml --attach     a run of two minutes on pictures that it makes itself
      dinod advise ~/Pictures --to pictures.yaml       a recipe for your images, this machine and your time
      dino start pictures.yaml --name mine --attach    and that run, on the screen
      dino hosts add gpu1 tcp://gpu1:5640 KEY          or see the runs of another machine

    dino doctor looks whether training works here, and dino --help lists all commands.
    """
}
