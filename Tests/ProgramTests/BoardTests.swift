import Foundation
import History
import Run
import Testing

#if canImport(Glibc)
  import Glibc
#endif

extension Programs {
  /// Event files, as TensorBoard's own reader finds them.
  @Suite(.enabled(if: Python.isThere, "scripts/test-python makes the environment"))
  final class BoardTests {
    let home = Sandbox()
    private let board = ["session.tensorboard=true"]

    /// What the script `read_board.py` found.
    private struct Board: Decodable {
      /// By tag, the step, the value and the time of each.
      var scalars: [String: [[Double]]]
      var texts: [String: [[Text]]]
      var hparams: [String: Text]
      var ended: String?

      func steps(_ tag: String) -> [Int] { scalars[tag]?.map { Int($0[0]) } ?? [] }
    }

    /// A text, a number or a truth value as a text.
    private struct Text: Decodable {
      var text: String

      init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let isTrue = try? value.decode(Bool.self) {
          text = "\(isTrue)"
        } else if let number = try? value.decode(Double.self) {
          text = "\(number)"
        } else {
          text = try value.decode(String.self)
        }
      }
    }

    private func read(_ folder: String) throws -> Board {
      // Keys that are names of tags must stay as they are.
      let ending = try home.start(Python.words("read_board.py", folder)).wait()
      try #require(ending.code == 0, "\(ending)")
      return try JSONDecoder().decode(Board.self, from: Data(ending.output.utf8))
    }

    /// Expects that a board shows each step of a run as its database does.
    private func expectSame(_ board: Board, _ name: String) throws {
      let reader = try HistoryReader(directory: home.run(name))
      var samples: [Sample] = []
      try reader.samples(in: 1...reader.lastStep()) { samples.append($0) }
      for (tag, metric) in [("loss/total_loss", Metric.totalLoss), ("schedule/lr", .lr)] {
        #expect(board.steps(tag) == samples.map(\.step), "\(tag)")
        #expect(board.scalars[tag]?.map { Float($0[1]) } == samples.map { Float($0[metric]!) })
      }
      #expect(board.scalars["schedule/lr"]?.map { $0[2] } == samples.map(\.time))
      let probes = try reader.evaluations()
      #expect(board.steps("evaluation/knn_learned") == probes.map(\.step))
    }

    @Test("a run writes every step, probe and event, and its recipe")
    func whole() throws {
      try home.trainToTheEnd("moths", board)
      let found = try read(home.run("moths").tensorboard)
      try expectSame(found, "moths")
      #expect(found.steps("health/teacher_entropy").first == 1)
      #expect(found.hparams["optim.base_lr"]?.text == "0.001")
      #expect(found.hparams["dino.head_n_prototypes"]?.text == "64.0")
      #expect(found.hparams["student.arch"]?.text == "custom")
      #expect(found.hparams["ibot.separate_head"]?.text == "true")
      #expect(found.hparams.keys.allSatisfy { !$0.hasPrefix("session.") })
      #expect(found.ended == "STATUS_SUCCESS")
      let lines = found.texts["events/info"]?.map { $0[1].text } ?? []
      #expect(lines.contains { $0.hasPrefix("    start: moths starts: ") }, "\(lines)")
      // A run that did not ask for it has no such folder.
      try home.trainToTheEnd("wasps", ["optim.epochs=1"])
      #expect(!FileManager.default.fileExists(atPath: home.run("wasps").tensorboard))
    }

    @Test("after a kill the curve is that of the run, although steps were computed twice")
    func killed() throws {
      for step in [25, 57] {
        let daemon = try home.train("moths", board + ["session.checkpoint_every=20"])
        try home.waitForStep(step, of: "moths", daemon)
        // What was handed over before is written meanwhile.
        #expect(home.ask("moths", .pause)?.outcome == .applied)
        try daemon.killAtOnce()
      }
      try home.trainToTheEnd("moths", board + ["session.checkpoint_every=20"])
      let names = try FileManager.default.contentsOfDirectory(atPath: home.run("moths").tensorboard)
      #expect(names.count == 3)
      try expectSame(try read(home.run("moths").tensorboard), "moths")
    }

    @Test("a run that goes back to an earlier phase shows what holds")
    func goesBack() throws {
      let daemon = try home.train("moths", board)
      let last = try home.waitForStep(20, of: "moths", daemon)
      var request = PhaseRequest(name: "high")
      request.globalCropsSize = 36
      request.localCropsSize = 12
      request.steps = 100_000
      let phase = try #require(home.ask("moths", .phase(request)))
      #expect(phase.outcome == .applied && phase.step! > last)
      try home.waitForStep(phase.step! + 20, of: "moths", daemon)
      #expect(home.ask("moths", .back)?.outcome == .applied)
      try home.waitForStep(phase.step! + 2, of: "moths", daemon)
      #expect(home.ask("moths", .stop)?.outcome == .applied)
      #expect(try daemon.wait().code == 0)
      try expectSame(try read(home.run("moths").tensorboard), "moths")
    }

    @Test("a folder that cannot be written is a warning, and the run goes on")
    func noFolder() throws {
      let folder = home.run("moths").tensorboard
      try home.write("a file in the way", to: String(folder.dropFirst(home.path.count + 1)))
      try home.trainToTheEnd("moths", board)
      let warnings = try home.events("moths").filter { $0.kind == "tensorboard" }
      #expect(warnings.count == 1 && warnings[0].level == .warning, "\(warnings)")
      #expect(warnings.first?.text.contains("training goes on") == true)
    }

    @Test("dino metrics --tensorboard writes what a run recorded, and may do so again")
    func export() throws {
      try home.trainToTheEnd("moths")
      let folder = home.path + "/board"
      for count in 1...2 {
        let written = try home.dino("metrics", "moths", "--tensorboard", folder)
        #expect(written.code == 0 && written.output.hasPrefix(folder + "/events.out.tfevents."))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == count)
        let found = try read(folder)
        try expectSame(found, "moths")
        #expect(found.hparams["optim.base_lr"]?.text == "0.001")
        #expect(found.ended == "STATUS_SUCCESS")
      }
      let refused = try home.dino("metrics", "moths", "--tensorboard", folder, "--csv")
      #expect(refused.code == 2 && refused.errorLines.count == 1)
    }
  }
}
