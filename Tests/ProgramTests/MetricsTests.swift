import Foundation
import History
import Run
import Testing

#if canImport(Glibc)
  import Glibc
#endif

extension Programs {
  /// `dino metrics`, as other programs read it.
  @Suite final class MetricsTests {
    let home = Sandbox()
    /// A run that does not end by itself.
    private let endless = ["optim.epochs=1000000", "session.checkpoint_every=1000000"]

    /// The rows of CSV without quotes, by the names in its header.
    private func rows(_ csv: String) -> [[String: String]] {
      let lines = csv.split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      }
      guard let names = lines.first else { return [] }
      return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(names, $0)) }
    }

    private func steps(_ csv: String) -> [Int] { rows(csv).compactMap { Int($0["step"]!) } }

    private func samples(_ name: String) throws -> [Sample] {
      let reader = try HistoryReader(directory: home.run(name))
      var samples: [Sample] = []
      try reader.samples(in: 1...reader.lastStep()) { samples.append($0) }
      return samples
    }

    /// Has a shell run a pipe, and returns how it ended.
    private func pipe(_ line: String) throws -> Program.Ending {
      try home.start(["/bin/bash", "-c", "set -o pipefail; \(Sandbox.programs)/dino \(line)"])
        .wait()
    }

    @Test("CSV has every value of every step, and an empty cell where a step has none")
    func csv() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=1"])
      let printed = try home.dino("metrics", "moths")
      #expect(printed.code == 0 && printed.errors.isEmpty)
      let (rows, samples) = (rows(printed.output), try samples("moths"))
      #expect(rows.count == 40 && samples.count == 40)
      for (row, sample) in zip(rows, samples) {
        #expect(row["step"] == "\(sample.step)" && row["time"] == "\(sample.time)")
        for metric in Metric.allCases {
          let cell = row[metric.rawValue] ?? ""
          #expect(cell == sample[metric].map { "\($0)" } ?? "", "\(metric) of step \(sample.step)")
        }
      }
      #expect(rows[0]["effective_rank"] != "" && rows[1]["effective_rank"] == "")
      #expect(try home.dino("metrics", "moths", "--csv").output == printed.output)
    }

    @Test("JSONL has an object for each step, with the chosen metrics alone")
    func jsonl() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=1"])
      let words = ["metrics", "moths", "--jsonl", "--only", "lr,effective_rank", "--from", "9"]
      let lines = try home.dino(words).output.split(separator: "\n")
      let objects = try lines.map {
        try JSONDecoder().decode([String: Double].self, from: Data($0.utf8))
      }
      let samples = try samples("moths").suffix(32)
      #expect(objects.count == 32)
      for (object, sample) in zip(objects, samples) {
        var expected = ["step": Double(sample.step), "time": sample.time, "lr": sample[.lr]!]
        expected["effective_rank"] = sample[.effectiveRank]
        #expect(object == expected)
      }
      let few = try home.dino(words + ["--every", "10"]).output.split(separator: "\n")
      #expect(few == lines.filter { $0.contains("effective_rank") } && few.count == 3)
    }

    @Test("a number that is not finite is a word, in JSON a text")
    func notFinite() throws {
      try home.trainToTheEnd("moths", ["optim.epochs=1"])
      try home.sql("moths", "UPDATE samples SET lr = 9e999, gflops = -9e999 WHERE step = 2")
      let words = ["metrics", "moths", "--only", "lr,gflops", "--from", "2", "--every", "1"]
      let row = rows(try home.dino(words).output)[0]
      #expect(row["lr"] == "inf" && row["gflops"] == "-inf")
      let line = try home.dino(words + ["--jsonl"]).output.split(separator: "\n")[0]
      #expect(line.hasSuffix(",\"lr\":\"inf\",\"gflops\":\"-inf\"}"), "\(line)")
    }

    @Test("probes and events are tables, too, and a text with a comma is quoted")
    func otherTables() throws {
      try home.trainToTheEnd("moths", ["probe.every=20", "optim.epochs=1"])
      let probes = rows(try home.dino("metrics", "moths", "--evaluations").output)
      let recorded = try HistoryReader(directory: home.run("moths")).evaluations()
      #expect(probes.map { $0["step"] } == recorded.map { "\($0.step)" } && probes.count > 1)
      #expect(probes.map { $0["knn_learned"] } == recorded.map { "\($0.values[.knnLearned]!)" })
      let events = try home.events("moths")
      let lines = try home.dino("metrics", "moths", "--events").output.split(separator: "\n")
      #expect(lines.count == events.count + 1 && lines[0] == "step,time,level,kind,text")
      let start = try #require(events.first { $0.kind == "start" })
      #expect(
        lines.contains { $0.hasSuffix(",info,start,\"\(start.text)\"") && start.text.contains(",") }
      )
      let json = try home.dino("metrics", "moths", "--events", "--jsonl").output
      let objects = try json.split(separator: "\n").map {
        try JSONDecoder().decode(RunEvent.self, from: Data($0.utf8))
      }
      #expect(objects == events)
    }

    @Test("following prints each step once, from the first to the last, and ends with the run")
    func follows() throws {
      let daemon = try home.train("moths", endless)
      try home.waitForStep(50, of: "moths", daemon)
      let follower = try home.start(
        [Sandbox.programs + "/dino", "metrics", "moths", "--follow", "--only", "total_loss"])
      try eventually("it has printed what is new") { steps(follower.output).count > 100 }
      #expect(home.ask("moths", .stop)?.outcome == .applied)
      let ending = try follower.wait()
      #expect(ending.code == 0 && ending.errors.isEmpty)
      #expect(try daemon.wait().code == 0)
      let (rows, samples) = (rows(ending.output), try samples("moths"))
      #expect(rows.map { $0["step"] } == samples.map { "\($0.step)" })
      #expect(rows.map { $0["total_loss"] } == samples.map { "\($0[.totalLoss]!)" })
      // A run that is over is printed, and that is all.
      let after = try home.dino("metrics", "moths", "--follow", "--only", "total_loss")
      #expect(after.output == ending.output && after.code == 0)
    }

    @Test("a run that is going on is printed up to its newest step")
    func newest() throws {
      let daemon = try home.train("moths", endless)
      try home.waitForStep(30, of: "moths", daemon)
      #expect(home.ask("moths", .pause)?.outcome == .applied)
      let status = try #require(home.ask("moths", .status)?.status)
      let printed = steps(try home.dino("metrics", "moths").output)
      #expect(printed == Array(1...status.step))
    }

    @Test("events are followed as well, and a run that is killed is an exit code")
    func killed() throws {
      let daemon = try home.train("moths", endless)
      try home.waitForStep(5, of: "moths", daemon)
      let follower = try home.start(
        [Sandbox.programs + "/dino", "metrics", "moths", "--follow", "--events"])
      try eventually("it has printed the start") { follower.output.contains(",start,") }
      #expect(home.ask("moths", .note(Note("seen, and \"heard\"")))?.outcome == .applied)
      try eventually("it has printed the note") {
        follower.output.contains("seen, and \"\"heard\"\"")
      }
      try daemon.killAtOnce()
      let ending = try follower.wait()
      #expect(ending.code == 1 && ending.errors.isEmpty)
      #expect(ending.output.components(separatedBy: ",start,").count == 2, "each is printed once")
    }

    @Test("a reader that has seen enough ends it quietly, also while nothing comes")
    func brokenPipe() throws {
      let daemon = try home.train("moths", endless)
      try home.waitForStep(5, of: "moths", daemon)
      #expect(home.ask("moths", .pause)?.outcome == .applied)
      let first = try pipe("metrics moths --follow --only lr | head -n 2")
      #expect(first.code == 0 && first.errors.isEmpty, "\(first)")
      #expect(first.output.hasPrefix("step,time,lr\n1,"))
      let all = try pipe("metrics moths --follow | true")
      #expect(all.code == 0 && all.errors.isEmpty, "\(all)")
    }

    @Test(
      "a command line that makes no sense is refused in one line",
      arguments: [
        (["--csv", "--jsonl"], "cannot be used together"),
        (["--events", "--every", "2"], "cannot be used together"),
        (["--events", "--evaluations"], "cannot be used together"),
        (["--events", "--only", "lr"], "events have none"),
        (["--only", "total_los"], "did you mean 'total_loss'?"),
        (["--only", "knn_learned"], "--evaluations"),
        (["--every", "0"], "a whole number from 1"),
        (["--from", "-1"], "a whole number from 0"),
      ])
    func refused(_ words: [String], _ reason: String) throws {
      try home.trainToTheEnd("moths", ["optim.epochs=1"])
      let ending = try home.dino(["metrics", "moths"] + words)
      #expect(ending.code == 2 && ending.output.isEmpty)
      #expect(ending.errorLines.count == 1 && ending.errors.contains(reason), "\(ending.errors)")
    }
  }
}
