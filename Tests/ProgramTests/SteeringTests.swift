import CZeroMQ
import Foundation
import History
import Images
import Run
import Testing
import Wire

#if canImport(Glibc)
  import Glibc
#endif

extension Programs {
  /// A run that is started, watched, changed and ended from a shell.
  @Suite final class SteeringTests {
    let home = Sandbox()
    /// Enough steps that no run ends by itself, and no checkpoints except on request.
    private let endless = ["optim.epochs=25000", "session.checkpoint_every=10000"]

    @Test("from start to stop, and on again: each command says when it was carried out")
    func session() throws {
      try start("moths")
      #expect(try json("status", "moths", "--json")["state"] as? String == "running")
      let list = try home.dino("ls")
      #expect(list.code == 0 && list.output.contains(/moths +running/))

      let next = try applied("pause", "moths")
      #expect(try step() == next - 1)
      #expect(try json("status", "moths", "--json")["state"] as? String == "paused")

      // The run is paused, so the next command applies at the same step.
      #expect(try applied("set", "moths", "lr", "5e-4", "--over", "50") == next)
      #expect(try step() == next - 1)
      try expectRamp(from: next)

      try applied("resume", "moths")
      try eventually("the run goes on") { try step() > next + 5 }
      let saved = try applied("checkpoint", "moths") - 1
      try home.checkpoints("moths").checkpoint(step: saved).verify()

      let last = try stop("moths")
      let status = try json("status", "moths", "--json")
      #expect(status["state"] as? String == "stopped" && status["alive"] as? Bool == false)
      try home.checkpoints("moths").checkpoint(step: last).verify()

      #expect(try home.dino("start", "moths").code == 0)
      #expect(try stop("moths") >= last)
      let commands = try HistoryReader(directory: home.run("moths")).journal().entries.map(
        \.change.kind.name)
      #expect(commands == ["pause", "set", "resume", "checkpoint", "stop", "stop"])
      let starts = try home.events("moths").filter { $0.kind == "start" }.map(\.text)
      #expect(starts.count == 2 && starts[1].contains("resumes after step \(last):"))
    }

    @Test("a change that replaces one that was to begin later says so")
    func replacesPlanned() throws {
      try start("moths")
      let planned = try home.dino("set", "moths", "lr", "1e-5", "--at", "900000")
      #expect(planned.code == 0 && !planned.output.contains("note"), "\(planned)")
      let now = try home.dino("set", "moths", "lr", "x0.5")
      #expect(now.output.contains("set lr to 0.5 times the recipe's schedule: applied at step"))
      #expect(
        now.output.contains(
          "note   it replaces the change of lr that was to begin with step 900,000"))
      #expect(now.output.contains("undo   dino set moths lr recipe"))
      #expect(try home.dino("set", "moths", "lr", "y2").errors.contains("or x0.3 for 0.3 times"))
    }

    @Test("what was stopped can be started at once, again and again")
    func stopAndStart() throws {
      try start("moths")
      for _ in 0..<4 {
        let last = try stop("moths")
        try home.checkpoints("moths").checkpoint(step: last).verify()
        let started = try home.dino("start", "moths")
        #expect(started.code == 0, "\(started)")
        #expect(try step() >= last)
      }
    }

    @Test("a command that is sent again is not carried out again, by a later daemon neither")
    func sameCommandTwice() throws {
      try start("moths")
      try applied("pause", "moths")
      let command = Command(
        id: "one and only", client: "test",
        request: .change(.set(SetSchedule(.lr, to: 5e-4, over: 10))))
      let first = try send(command, to: "moths")
      #expect(first.outcome == .applied)
      let entry = try HistoryReader(directory: home.run("moths")).journal().entries.last
      try applied("resume", "moths")
      try eventually("the run goes on") { try step() > first.step! + 5 }
      let second = try send(command, to: "moths")
      #expect(second.outcome == .applied && second.step == first.step)
      try stop("moths")

      #expect(try home.dino("start", "moths").code == 0)
      #expect(try send(command, to: "moths").step == first.step)
      let entries = try HistoryReader(directory: home.run("moths")).journal().entries
      #expect(entries.filter { $0.scheduleSet != nil } == [entry])
    }

    @Test("two viewers see the same run: the same snapshot, and then the same news in one order")
    func twoViewers() throws {
      try start("moths")
      try applied("pause", "moths")
      let viewers = try (1...2).map {
        try RunClient(endpoints: home.endpoints("moths"), client: "viewer \($0)")
      }
      defer { for viewer in viewers { viewer.close() } }
      let snapshots = try viewers.map { viewer in
        try waitFor("a snapshot") {
          for case .connected(let snapshot) in try viewer.poll() {
            return RunRecord(snapshot: snapshot)
          }
          return nil
        }
      }
      #expect(snapshots[0] == snapshots[1])
      #expect(snapshots[0].samples.count == snapshots[0].status.step)

      try applied("resume", "moths")
      let pause = try applied("pause", "moths")
      // The last message about the pause is its entry in the journal.
      let news = try viewers.map { viewer in
        var news: [FeedMessage] = []
        try eventually("the viewer hears of the second pause") {
          for case .message(let message) in try viewer.poll() {
            if case .heartbeat = message { continue }
            news.append(message)
          }
          guard case .journal(let entry) = news.last else { return false }
          return entry.change == .pause && entry.step == pause
        }
        return news
      }
      #expect(news[0] == news[1])
      let steps = news[0].compactMap { if case .step(let sample) = $0 { sample.step } else { nil } }
      #expect(steps == Array(snapshots[0].status.step + 1..<pause))
    }
  }
}

extension Programs.SteeringTests {
  private func start(_ name: String) throws {
    let recipe = try home.write(SmallRecipe.text, to: "recipe.yaml")
    let settings = endless.flatMap { ["--set", $0] }
    let started = try home.dino(["start", recipe, "--name", name] + settings)
    try #require(started.code == 0, "\(started)")
    #expect(started.output.contains("dino attach \(name)"))
    try home.waitForStep(1, of: name)
  }

  /// Runs a command that the daemon carries out. Returns the first step that it affects.
  @discardableResult
  private func applied(_ words: String...) throws -> Int {
    let ending = try home.dino(words)
    let number = ending.output.firstMatch(of: /applied at step ([0-9,]+)/)?.1
    return try #require(
      number.flatMap { Int($0.replacing(",", with: "")) }, "\(words) gave \(ending)")
  }

  private func json(_ words: String...) throws -> [String: Any] {
    let ending = try home.dino(words)
    let object = try JSONSerialization.jsonObject(with: Data(ending.output.utf8))
    return try #require(object as? [String: Any], "\(ending)")
  }

  private func step() throws -> Int {
    try #require(home.ask("moths", .status)?.status?.step)
  }

  /// Ends a run. Returns its last step.
  @discardableResult
  private func stop(_ name: String) throws -> Int {
    let ending = try home.dino("stop", name)
    let number = ending.output.firstMatch(of: /^moths: stopped after step ([0-9,]+)\n$/)?.1
    return try #require(number.flatMap { Int($0.replacing(",", with: "")) }, "\(ending)")
  }

  /// The planned curve of lr rises evenly from its old value to 5e-4 over fifty steps, and stays
  /// there.
  private func expectRamp(from step: Int) throws {
    let plan = try #require(home.ask("moths", .snapshot)?.snapshot?.plan)
    let curve = try #require(plan.first { $0.metric == .lr })
    let value = { step in curve.steps.firstIndex(of: step).map { curve.values[$0] } }
    let before = try #require(value(step - 1))
    #expect(abs(before - 5e-4) > 1e-5)
    #expect(abs(try #require(value(step)) - (before + (5e-4 - before) / 50)) < 1e-9)
    #expect(value(step + 49) == 5e-4)
    #expect(curve.values.last == 5e-4)
  }

  /// Sends a command unchanged. Returns the last reply.
  private func send(_ command: Command, to name: String) throws -> Reply {
    let socket = try ZeroMQSocket(ZeroMQContext(), ZMQ_DEALER)
    try socket.connect(home.endpoints(name).control)
    #expect(socket.send([command.frame]))
    return try waitFor("an answer to \(command.id)") {
      while let frames = socket.receive() {
        guard let frame = frames.first, !frame.isEmpty else { continue }
        let reply = try JSONDecoder().decode(Reply.self, from: frame)
        if reply.outcome != .accepted { return reply }
      }
      return nil
    }
  }
}
