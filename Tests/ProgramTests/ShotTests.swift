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
      for (words, hint) in [
        (["--to", "moths.gif"], "ends in .svg or .txt"), (["--size", "5x5"], "from 60x15"),
        (["--panel", "loses"], "did you mean 'losses'?"),
      ] {
        let refused = try home.dino(["shot", "moths"] + words)
        #expect(refused.code == 2 && refused.errors.contains(hint), "\(refused)")
      }
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
