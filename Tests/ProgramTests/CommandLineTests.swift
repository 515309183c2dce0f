import Foundation
import History
import Images
import Testing

#if canImport(Glibc)
  import Glibc
#endif

extension Commands {
  @Suite final class CommandLineTests {
    let home = Sandbox()

    static let commands = [
      "start", "attach", "ls", "status", "pause", "resume", "checkpoint", "set", "phase", "branch",
      "distill", "stop", "log", "themes",
    ]

    @Test("dino --help lists every command, and every command explains itself")
    func help() throws {
      let overview = try home.dino("--help")
      #expect(overview.code == 0 && overview.errors.isEmpty)
      for command in Self.commands {
        #expect(overview.output.contains("\n  \(command) "))
        let help = try home.dino(command, "--help")
        #expect(help.code == 0 && help.output.hasPrefix("usage: dino \(command)"), "\(help)")
      }
      #expect(try home.dino().code == 2)
    }

    @Test("dinod --help lists every command, and every command explains itself")
    func daemonHelp() throws {
      let overview = try home.dinod("--help").wait()
      #expect(overview.code == 0 && overview.errors.isEmpty)
      let commands = [
        "train", "recipe", "plan", "schedule", "images", "verify", "bench", "embed", "eval",
        "quality", "pca",
        "export", "import",
      ]
      for command in commands {
        #expect(overview.output.contains("\n  \(command) "))
        let help = try home.dinod(command, "--help").wait()
        #expect(help.code == 0 && help.output.hasPrefix("usage: dinod \(command)"), "\(help)")
      }
      #expect(try home.dinod().wait().code == 2)
    }

    @Test("both programs tell one version")
    func version() throws {
      let terminal = try home.dino("--version").output
      let daemon = try home.dinod("--version").wait().output
      let number = try #require(daemon.firstMatch(of: /^dinod ([0-9]+\.[0-9]+\.[0-9]+)\b/)?.1)
      #expect(daemon.contains("(reads \(ImageFormat.list("and"))"))
      #expect(terminal.hasPrefix("dino \(number) (protocol "))
    }

    @Test(
      "what cannot be understood is refused in one line that helps on, with exit code 2",
      arguments: [
        (["chekpoint"], "did you mean 'checkpoint'?"), (["frobnicate"], "dino --help"),
        (["status", "--jsn"], "did you mean --json?"),
        (["set", "lr"], "set needs KEY VALUE; see dino set --help"),
        (["set", "lrr", "1"], "did you mean 'lr'?"), (["set", "lr", "fast"], "not a number"),
        (["set", "lr", "5"], "from 0"), (["start"], "usage: dino start"),
        (["branch", "moths"], "branch needs --name NEW"),
        (["log", "--lines", "-5"], "--lines takes a whole number of at least 1, not '-5'"),
      ])
    func misunderstood(words: [String], hint: String) throws {
      let ending = try home.dino(words)
      #expect(ending.code == 2 && ending.errorLines.count == 1 && ending.output.isEmpty)
      #expect(ending.errors.hasPrefix("dino: ") && ending.errors.contains(hint), "\(ending)")
    }

    @Test("dinod, too, refuses what it does not understand in one line, with exit code 2")
    func daemonMisunderstood() throws {
      for (words, hint) in [
        (["trian"], "did you mean 'train'?"), (["frobnicate"], "dinod --help"),
        (["train", "--nmae", "x"], "did you mean --name?"),
        (["train", "r.yaml", "--name", "a", "--name", "b"], "--name is given twice"),
        (["plan"], "usage: dinod plan RECIPE.yaml [options]"),
        (["bench", "step", "--steps=0"], "--steps takes a whole number from 1 to 100000, not '0'"),
      ] {
        let ending = try home.dinod(words).wait()
        #expect(ending.code == 2 && ending.errorLines.count == 1)
        #expect(ending.errors.hasPrefix("dinod: ") && ending.errors.contains(hint), "\(ending)")
      }
    }

    @Test("dino status has exit code 0 for a run that is well, 1 for one that is not")
    func status() throws {
      #expect(try home.dino("status").code == 1)
      let endless = ["optim.epochs=25000"]
      let daemon = try home.train("moths", endless)
      try home.waitForStep(1, of: "moths", daemon)
      #expect(try home.dino("status", "moths").code == 0)
      try daemon.killAtOnce()
      let interrupted = try home.dino("status", "moths")
      #expect(interrupted.code == 1 && interrupted.output.contains("interrupted"))
      let again = try home.train("moths", endless)
      try home.waitForStep(1, of: "moths", again)
      again.kill(SIGTERM)
      _ = try again.wait()
      #expect(try home.dino("status", "moths").code == 0)
    }

    @Test("dino start begins a run that is over before one can look, and says that it ended well")
    func shortRun() throws {
      let recipe = try home.write(SmallRecipe.text, to: "short.yaml")
      let keys = ["probe.every=0", "optim.epochs=0.025", "optim.warmup_epochs=0"]
      let started = try home.dino(["start", recipe] + keys.flatMap { ["--set", $0] })
      #expect(started.code == 0 && started.errors.isEmpty, "\(started)")
      try eventually("the run ends") { home.holder(of: "short") == nil }
      #expect(try home.dino("status", "short").output.contains("finished"))
      let again = try home.dino("start", "short")
      #expect(again.code == 0 && again.errors.isEmpty, "\(again)")
    }

    @Test("a run that has finished is left as it is when it is started again")
    func startedAgain() throws {
      try home.trainToTheEnd("moths")
      let (events, state) = (
        try home.events("moths"), try HistoryReader(directory: home.run("moths")).lastStatus()
      )
      for command in [
        ["start", "moths"], ["start", home.path + "/recipe.yaml", "--name", "moths"],
      ] {
        let again = try home.dino(command)
        #expect(
          again.code == 0 && again.output.contains("moths: finished after step 400"), "\(again)")
      }
      #expect(try home.events("moths") == events)
      #expect(try HistoryReader(directory: home.run("moths")).lastStatus() == state)
    }

    @Test("a run is followed in plain text until it ends")
    func follow() throws {
      let daemon = try home.train("moths", ["optim.epochs=100", "session.checkpoint_every=1000"])
      try home.waitForStep(1, of: "moths", daemon)
      let followed = try home.dino("status", "moths", "--follow", "--every", "1")
      #expect(followed.code == 0)
      #expect(followed.output.contains("step 4,000/4,000"))
      #expect(followed.output.hasSuffix("moths finished\n"))
    }
  }
}
