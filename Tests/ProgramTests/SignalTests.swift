import Run
import Testing

#if canImport(Glibc)
  import Glibc
#endif

extension Programs {
  @Suite final class SignalTests {
    let home = Sandbox()

    @Test(
      "a signal ends a run after its step, with a checkpoint, and says so",
      arguments: [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")])
    func ends(signal: Int32, name: String) throws {
      let daemon = try home.train("moths", ["optim.epochs=25000"])
      try home.waitForStep(15, of: "moths", daemon)
      daemon.kill(signal)
      let ending = try daemon.wait()
      #expect(ending.code == 0)
      #expect(ending.errorLines.count == 1 && ending.errors.contains("\(name): finishing the step"))
      let newest = try #require(try home.checkpoints("moths").list().last)
      try newest.verify()
      #expect(ending.output.contains("step \(newest.step) is saved"))
      #expect(ending.output.hasSuffix("moths: stopped after step \(newest.step)\n"))
      #expect(try home.dino("status", "moths").output.contains("stopped"))
    }

    @Test("a signal reaches a run that is paused")
    func whilePaused() throws {
      let daemon = try home.train("moths", ["optim.epochs=25000"])
      try home.waitForStep(1, of: "moths", daemon)
      let next = try #require(home.ask("moths", .pause)?.step)
      daemon.kill(SIGTERM)
      #expect(try daemon.wait().code == 0)
      try home.checkpoints("moths").checkpoint(step: next - 1).verify()
    }

    @Test("a signal that comes before the first step is not lost")
    func atTheStart() throws {
      let daemon = try home.train("moths", ["optim.epochs=25000"])
      // Signals are handled as soon as the run's lock is held.
      try eventually("the run is locked") { home.holder(of: "moths") == daemon.pid }
      daemon.kill(SIGTERM)
      let ending = try daemon.wait()
      #expect(ending.code == 0 && ending.output.contains("moths: stopped after step"))
    }

    @Test("a run outlives its terminal")
    func hangUp() throws {
      let daemon = try home.train("moths", ["optim.epochs=25000"])
      let step = try home.waitForStep(1, of: "moths", daemon)
      daemon.kill(SIGHUP)
      try home.waitForStep(step + 20, of: "moths", daemon)
    }
  }
}
