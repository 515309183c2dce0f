import Foundation
import Testing

/// What several processes will take, and what they did.
extension Programs.ProcessTests {
  @Test(
    "hosts and links that make no sense are refused in one line",
    arguments: [
      (["train", "--hosts", "elsewhere,b"], "--hosts: the first host must be this one"),
      (["train", "--hosts", "localhost:0"], "--hosts: 'localhost:0' is no host"),
      (["train", "--hosts", "localhost:2,"], "--hosts: '' is no host"),
      (
        ["train", "--hosts", "localhost:2", "--processes", "3"],
        "--hosts: 2 places, but --processes is 3"
      ),
      (["plan", "--processes", "2", "--link", "10"], "--link: '10' is no link"),
      (["plan", "--processes", "2", "--link", "1gbit,5"], "--link: '1gbit,5' is no link"),
      (["plan", "--link", "1gbit"], "--link needs --processes"),
      (["plan", "--processes", "2", "--gflops", "9"], "--gflops needs --link"),
    ])
  func nonsense(_ words: [String], _ problem: String) throws {
    let file = try home.write(SmallRecipe.text, to: "recipe.yaml")
    let ending = try home.dinod(
      [words[0], file, "--set", "train.world=4"] + words.dropFirst()
    ).wait()
    #expect(ending.code == 2)
    #expect(ending.errors.hasPrefix("dinod: \(problem)"), "\(ending.errors)")
    #expect(ending.errors.split(separator: "\n").count == 1)
  }

  @Test("a plan foretells time by a step that it measures, or by a rate")
  func plan() throws {
    struct Plan: Decodable {
      struct Way: Decodable {
        var sentBytes: Int
        var stepSeconds, waitSeconds, efficiency: Double
      }
      var processes: [Way]
    }
    func ways(_ options: String...) throws -> [Plan.Way] {
      let file = try home.write(SmallRecipe.text, to: "recipe.yaml")
      let words = ["plan", file, "--set", "train.world=4", "--processes", "4", "--json"]
      let ending = try home.dinod(words + options).wait()
      try #require(ending.code == 0, "\(ending)")
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return try decoder.decode(Plan.self, from: Data(ending.output.utf8)).processes
    }
    let measured = try ways("--link", "1gbit,50us")
    #expect(measured.count == 6)
    #expect(measured.allSatisfy { $0.waitSeconds < $0.stepSeconds && $0.efficiency < 1 })
    let slow = try ways("--link", "1mbit", "--gflops", "10")
    for (way, other) in zip(slow, measured) {
      #expect(way.sentBytes == other.sentBytes)
      #expect(way.stepSeconds > Double(way.sentBytes) / 125_000)
    }
  }

  @Test("a recorded step shows all processes, what they computed and what they sent")
  func trace() throws {
    struct Trace: Decodable {
      struct Event: Decodable {
        struct Arguments: Decodable { var bytes: Int? }
        var name, ph: String
        var cat: String?
        var dur: Double?
        var pid, tid: Int
        var args: Arguments?
      }
      var traceEvents: [Event]
    }
    let file = home.path + "/trace.json"
    let supervisor = try home.train(
      "moths", world + ["train.sharding_strategy=FULL_SHARD"],
      options: ["--processes", "2", "--trace", file])
    #expect(try supervisor.wait().code == 0)
    let data = try Data(contentsOf: URL(fileURLWithPath: file))
    let spans = try JSONDecoder().decode(Trace.self, from: data).traceEvents.filter {
      $0.ph == "X"
    }
    for process in 0...1 {
      let own = spans.filter { $0.pid == process }
      let phases = Set(own.filter { $0.tid == 0 }.compactMap(\.cat))
      #expect(phases.isSuperset(of: ["teacher", "student", "backward", "optimiser"]))
      let sent = own.filter { $0.tid == 1 }
      #expect(sent.contains { $0.name == "reduce dino_head" && $0.args!.bytes! > 0 })
      #expect(sent.contains { $0.name == "gather backbone.blocks.0" })
    }
    #expect(try home.events("moths").contains { $0.kind == "trace" && $0.text.contains(file) })
  }

  @Test("a number of processes that cannot share the ranks is refused in one line")
  func refusal() throws {
    let ending = try train("moths", processes: 3).wait()
    #expect(ending.code == 1)
    #expect(
      ending.errors.contains(
        "train.world: 4 ranks can be shared by 1, 2, 4 processes, not by 3"))
    #expect(!FileManager.default.fileExists(atPath: home.run("moths").path))
  }
}
