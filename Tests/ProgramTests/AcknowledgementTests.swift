import CSQLite
import Foundation
import History
import Run
import Testing

#if canImport(Glibc)
  import Glibc
#endif

extension Programs {
  /// What a client was told to be done is there after a kill; what cannot be kept is not done.
  @Suite final class AcknowledgementTests {
    let home = Sandbox()
    private let endless = ["optim.epochs=25000"]

    private func journal(_ name: String) throws -> [Change] {
      try HistoryReader(directory: home.run(name)).journal().entries.map(\.change)
    }

    /// Holds the lock of a run's database, as another program would.
    private func locking<Result>(_ name: String, _ body: () throws -> Result) throws -> Result {
      var database: OpaquePointer?
      try #require(sqlite3_open(home.run(name).database, &database) == SQLITE_OK)
      defer { sqlite3_close(database) }
      sqlite3_busy_timeout(database, 5000)
      try #require(sqlite3_exec(database, "BEGIN IMMEDIATE", nil, nil, nil) == SQLITE_OK)
      defer { sqlite3_exec(database, "ROLLBACK", nil, nil, nil) }
      return try body()
    }

    @Test("a change that cannot be written to the journal is refused and not made")
    func refused() throws {
      let daemon = try home.train("moths", endless)
      try home.waitForStep(5, of: "moths", daemon)
      let (began, reply) = (
        Date(),
        try locking("moths") {
          home.ask("moths", .set(SetSchedule(.lr, to: 1e-5, over: 1)))
        }
      )
      #expect(reply?.outcome == .rejected)
      #expect(reply?.reason?.contains("nothing changed") == true, "\(String(describing: reply))")
      #expect(reply?.reason?.contains("locked by another program") == true)
      #expect(Date().timeIntervalSince(began) < 8)
      let phase = try locking("moths") {
        home.ask("moths", .phase(PhaseRequest(globalCropsSize: 36, steps: 100)))
      }
      #expect(phase?.outcome == .rejected, "\(String(describing: phase))")
      let status = try #require(home.ask("moths", .status)?.status)
      #expect(status.phase.globalCropsSize == 24 && status.state == .running)
      // What changes nothing that is computed is done all the same, and the answer says what it lacks.
      let pause = try locking("moths") { home.ask("moths", .pause) }
      #expect(pause?.outcome == .applied)
      #expect(
        pause?.reason?.contains("done, but it is not in the journal") == true, "\(pause as Any)")
      try daemon.killAtOnce()
      #expect(try journal("moths").isEmpty)
    }

    @Test("steps go on while another program holds the database, and their record is complete")
    func stepsGoOn() throws {
      let daemon = try home.train("moths", endless)
      let first = try home.waitForStep(5, of: "moths", daemon)
      let last = try locking("moths") { try home.waitForStep(first + 500, of: "moths", daemon) }
      daemon.kill(SIGTERM)
      #expect(try daemon.wait().code == 0)
      var steps: [Int] = []
      try HistoryReader(directory: home.run("moths")).samples(in: 1...last) {
        steps.append($0.step)
      }
      #expect(steps == Array(1...last))
    }

    @Test("an acknowledged change is in the journal of a daemon that is killed at once")
    func kept() throws {
      let daemon = try home.train("moths", endless)
      try home.waitForStep(5, of: "moths", daemon)
      // A reader of the database keeps SQLite from merging its log.
      var reader: OpaquePointer?
      try #require(sqlite3_open(home.run("moths").database, &reader) == SQLITE_OK)
      defer { sqlite3_close(reader) }
      try #require(
        sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM samples", nil, nil, nil) == SQLITE_OK)
      let set = Change.set(SetSchedule(.lr, to: 1e-5, over: 1))
      #expect(home.ask("moths", set)?.outcome == .applied)
      try daemon.killAtOnce()
      #expect(try journal("moths") == [set])
    }

    @Test("a named checkpoint is never removed; dino checkpoints says why each is kept")
    func named() throws {
      let daemon = try home.train("moths", endless)
      try home.waitForStep(5, of: "moths", daemon)
      let saved = try #require(home.ask("moths", .checkpoint(name: "before the lamp"))?.step) - 1
      try home.waitForStep(saved + 100, of: "moths", daemon)
      daemon.kill(SIGTERM)
      #expect(try daemon.wait().code == 0)
      #expect(try home.checkpoints("moths").checkpoint(step: saved).name == "before the lamp")
      let list = try home.dino("checkpoints", "moths")
      #expect(list.code == 0)
      let row = try #require(list.output.split(separator: "\n").first { $0.contains("the lamp") })
      #expect(row.contains("named") && row.contains("sound"), "\(list.output)")
      #expect(list.output.contains("newest") && list.output.contains("current"))
      let json = try home.dino("checkpoints", "moths", "--json")
      #expect(json.output.contains("\"kept_for\""))
    }

    @Test("checkpoints of a run that has ended are removed, never the one that it resumes from")
    func removed() throws {
      let daemon = try home.train("moths", endless + ["session.checkpoint_keep=5"])
      try home.waitForStep(5, of: "moths", daemon)
      for _ in 0..<2 { #expect(home.ask("moths", .checkpoint())?.outcome == .applied) }
      func remove(_ steps: String) throws -> Program.Ending {
        try home.dino("checkpoints", "moths", "--remove", steps, "--yes")
      }
      let first = try #require(home.checkpoints("moths").steps().first)
      #expect(try remove("\(first)").errors.contains("is being trained; stop it first"))
      daemon.kill(SIGTERM)
      #expect(try daemon.wait().code == 0)
      let steps = try home.checkpoints("moths").steps()
      #expect(steps.count >= 2 && steps.contains(first))
      // All of them or none.
      for (wrong, why) in [
        ("\(first),\(steps.last!)", "resumes from"), ("\(first),7000000", "no checkpoint"),
        ("\(first),x", "not a step"),
      ] {
        let refused = try remove(wrong)
        #expect(refused.code != 0 && refused.errors.contains(why), "\(refused)")
        #expect(try home.checkpoints("moths").steps() == steps)
      }
      let unasked = try home.dino("checkpoints", "moths", "--remove", "\(first)")
      #expect(unasked.code != 0 && unasked.errors.contains("--yes"))
      #expect(try home.dino("checkpoints", "moths", "--yes").code != 0)
      #expect(try remove("\(first)").output.contains("removed"))
      #expect(try home.checkpoints("moths").steps() == Array(steps.dropFirst()))
    }
  }
}
