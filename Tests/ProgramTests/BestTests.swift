import Foundation
import History
import Run
import Schedule
import Testing

extension Commands {
  /// The checkpoint that the probe found best: it is kept, exported, and a run may end for lack of a better one.
  @Suite final class BestTests {
    let home = Sandbox()

    /// Checkpoints are due at the end alone, so that any other is there because it was the best.
    private let rare = [
      "probe.every=40", "session.checkpoint_every=100000", "session.checkpoint_keep=1",
    ]

    private func results(_ name: String) throws -> [ProbeResult] {
      try HistoryReader(directory: home.run(name)).evaluations()
    }

    @Test(
      "the best by k-NN or by a score is kept and exported, and the newest by its name",
      arguments: ["knn", "linear", "rank_me", "label_free"])
    func kept(by criterion: String) throws {
      try home.trainToTheEnd("moths", rare + ["session.checkpoint_best_by=\(criterion)"])
      let ranking = ProbeRanking(try results("moths"), by: try #require(.init(rawValue: criterion)))
      let steps = try home.checkpoints("moths").list().map(\.step)
      let best = try #require(ranking.steps.first { steps.contains($0) })
      #expect(steps == Set([best, 400]).sorted(), "\(steps), \(ranking.scores)")
      // By k-NN nothing better was measured. Scores without labels count from a fifth of the steps so far, so that
      // what was best among fewer may have had to go.
      if criterion == "knn" { #expect(ranking.steps.first == best) }
      func exported(_ run: String, _ folder: String) throws -> (said: String, recipe: String) {
        let ending = try home.dinod(
          "export", run, "--format", "safetensors", "--dir", home.runs, "--to",
          "\(home.path)/\(folder)"
        ).wait()
        try #require(ending.code == 0, "\(ending)")
        let card = try String(contentsOfFile: "\(home.path)/\(folder)/README.md", encoding: .utf8)
        return (ending.errors, card)
      }
      let chosen = try exported("moths", "best")
      #expect(chosen.recipe.contains("| steps | \(best) |"))
      #expect(
        chosen.said.contains("step \(best) is the best of moths by \(criterion)") == (best != 400))
      #expect(try exported("moths@last", "last").recipe.contains("| steps | 400 |"))
      #expect(try exported("moths@best", "named").recipe.contains("| steps | \(best) |"))
    }

    @Test("a run ends early if so many probes found nothing better, and goes on if it is told to")
    func earlyStop() throws {
      let keys = ["probe.every=20", "session.checkpoint_every=20"]
      try home.trainToTheEnd("moths", keys + ["session.early_stop_patience=2"])
      let reader = try HistoryReader(directory: home.run("moths"))
      let (last, status) = (try reader.lastStep(), try reader.lastStatus())
      #expect(status.state == .stopped && last < 400)
      let ranking = ProbeRanking(try results("moths"), by: .auto)
      // Not before a fifth of the run.
      #expect(ranking.probesSinceBest >= 2 && last >= 80)
      #expect(try home.events("moths").contains { $0.text.contains("ends early: ") })
      try home.trainToTheEnd("moths", keys + ["session.early_stop_patience=0"])
      #expect(try HistoryReader(directory: home.run("moths")).lastStep() == 400)
    }
  }
}
