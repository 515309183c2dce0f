import Foundation
import History
import Testing

extension Programs {
  /// What can be done with a run that has ended: look at it without a terminal, and remove it.
  @Suite final class ShotTests {
    let home = Sandbox()

    @Test("a run is drawn as text and as a picture, at a step, of the size and panel asked for")
    func shots() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=3"])
      let text = try home.dino("shot", "moths", "--size", "90x30", "--at", "50")
      let rows = text.output.split(separator: "\n")
      #expect(text.code == 0 && rows.count == 30 && rows[0].count == 90, "\(text)")
      #expect(rows[28].contains("step 50 · "))
      let losses = try home.dino("shot", "moths", "--panel", "losses", "--split", "--explain")
      #expect(losses.output.contains("What the figures mean"))
      let picture = home.path + "/moths.svg"
      #expect(try home.dino("shot", "moths", "--to", picture).code == 0)
      let svg = try String(contentsOfFile: picture, encoding: .utf8)
      #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n") && svg.contains(">Losses</text>"))
      #expect(svg.split(separator: "<text").count == svg.split(separator: "</text>").count)
      // A run that goes on has a gauge that is not full.
      let daemon = try home.train("wings", ["optim.epochs=25000"])
      try home.waitForStep(5, of: "wings", daemon)
      #expect(try home.dino("shot", "wings", "--to", home.path + "/wings.svg").code == 0)
      #expect(home.ask("wings", .stop)?.outcome == .applied)
      _ = try daemon.wait()
      let page = home.path + "/moths.html"
      #expect(try home.dino("report", "moths", "--to", page).code == 0)
      let html = try String(contentsOfFile: page, encoding: .utf8)
      #expect(html.contains("<h1>moths</h1>") && html.split(separator: "<svg ").count == 11)
      #expect(html.contains("OFFICIAL_EPOCH_LENGTH") && !html.contains("http://127"))
      for (words, hint) in [
        (["--to", "moths.gif"], "ends in .svg, .png or .txt"), (["--size", "5x5"], "from 60x15"),
        (["--panel", "loses"], "did you mean 'losses'?"),
      ] {
        let refused = try home.dino(["shot", "moths"] + words)
        #expect(refused.code == 2 && refused.errors.contains(hint), "\(refused)")
      }
    }

    @Test("what people try first works, or says in a line what they mean")
    func firstHour() throws {
      let known = try home.dinod("--help").wait().output
      let commands = known.split(separator: "\n").compactMap { line in
        line.wholeMatch(of: #/ {2}([a-z]+) {2,}.*/#).map { String($0.1) }
      }
      // All but `train`, for which `dino start` is.
      for command in commands where command != "train" {
        let help = try home.dino(command, "--help")
        #expect(help.code == 0 && help.output.contains("\(command)"), "\(command): \(help)")
      }
      let daemon = try home.train("moths", ["optim.epochs=25000"])
      try home.waitForStep(5, of: "moths", daemon)
      #expect(try home.dino("moths").errors.contains("dino attach moths"))
      #expect(try home.dino("set", "lr=1e-4").output.contains("set lr to 1.00e-4: applied"))
      #expect(try home.dino("set", "moths", "lr=x0.5").output.contains("0.5 times the recipe"))
      for (words, hint) in [
        (["set", "moths", "learning_rate", "1e-4"], "did you mean 'lr'?"),
        (["set", "moths", "1e-4", "lr"], "there is no metric '1e-4' to change"),
        (["set", "moths"], "set needs KEY VALUE"),
        (["start", home.path + "/recipe.yml"], "did you mean 'recipe.yaml'?"),
      ] {
        let ending = try home.dino(words)
        #expect(ending.code != 0 && ending.errors.contains(hint), "\(words): \(ending)")
      }
      #expect(home.ask("moths", .stop)?.outcome == .applied)
      _ = try daemon.wait()
    }

    @Test("a picture is written as PNG by librsvg's program, and without it a line says so")
    func png() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=2"])
      let picture = home.path + "/moths.png"
      home.environment["PATH"] = "/nowhere"
      let without = try home.dino("shot", "moths", "--to", picture)
      #expect(without.code == 1 && without.errors.contains("apt install librsvg2-bin"))
      home.environment["PATH"] = "/usr/bin:/bin"
      try #require(FileManager.default.isExecutableFile(atPath: "/usr/bin/rsvg-convert"))
      #expect(try home.dino("shot", "moths", "--to", picture).code == 0)
      let bytes = try Data(contentsOf: URL(filePath: picture))
      #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
      let left = try FileManager.default.contentsOfDirectory(atPath: home.path)
      #expect(!left.contains { $0.hasPrefix(".shot") })
    }

    @Test("a run is removed with all its files, unless it is being trained or nobody agrees")
    func removal() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=2"])
      let asked = try home.dino("rm", "moths")
      #expect(
        asked.code == 2 && asked.errors.contains("rm needs --yes") && home.run("moths").exists)
      let daemon = try home.train("wings", ["optim.epochs=25000"])
      try home.waitForStep(1, of: "wings", daemon)
      let refused = try home.dino("rm", "moths", "wings", "--yes")
      #expect(refused.code == 1 && refused.errors.contains("stop it first: dino stop wings"))
      #expect(!home.run("moths").exists && home.run("wings").exists)
      #expect(!FileManager.default.fileExists(atPath: home.run("moths").path))
      #expect(try home.dino("rm", "wing", "--yes").errors.contains("did you mean 'wings'?"))
      #expect(home.ask("wings", .stop)?.outcome == .applied)
      _ = try daemon.wait()
      // Its sockets' folder has gone with it.
      #expect(!FileManager.default.fileExists(atPath: "\(home.path)/dino/wings"))
    }
  }
}
