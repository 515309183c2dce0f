import Foundation
import History
import Run
import Testing
import Wire

extension Programs {
  /// Several schedules at once, control of a run, and steps that are skipped.
  @Suite final class TogetherTests {
    let home = Sandbox()
    private let endless = ["optim.epochs=25000", "session.checkpoint_every=10000"]

    private func journal() throws -> Journal {
      Journal(try HistoryReader(directory: home.run("moths")).journal().entries)
    }

    @Test("schedules are set together, as they are taken back, or not at all")
    func together() throws {
      let daemon = try home.train("moths", endless + ["ibot.mask_ratio_min_max=[0.1, 0.5]"])
      try home.waitForStep(5, of: "moths", daemon)
      let refused = try home.dino("set", "moths", "lr=1e-5", "mask_ratio_max=0.9")
      #expect(refused.code == 1 && refused.errors.contains("mask_ratio_max can only be lowered"))
      #expect(try journal().entries.isEmpty)
      // Each alone would be refused: the least above the most, or the most below the least.
      #expect(try home.dino("set", "moths", "mask_ratio_max", "0.05").code == 1)
      let set = try home.dino(
        "set", "moths", "mask_ratio_max", "0.05", "mask_ratio_min", "0.02", "--over", "10")
      #expect(set.code == 0 && set.output.contains("applied at step"), "\(set)")
      #expect(set.output.contains("undo   dino undo moths"))
      let made = try journal().entries
      try #require(made.count == 2)
      #expect(made.map(\.scheduleSet) == [.maskRatioMax, .maskRatioMin])
      #expect(made.map(\.step) == [made[0].step, made[0].step])
      // The same request again changes nothing.
      let id = try #require(Journal.group(of: made[0].id))
      let again = home.ask("moths", .change(.together(made.compactMap(\.set))), id: id)
      #expect(again?.outcome == .applied)
      #expect(try journal().entries.count == 2)
      let undone = try home.dino("undo", "moths")
      #expect(undone.code == 0, "\(undone)")
      #expect(undone.output.contains("set mask_ratio_min to 0.0200 over 10 steps by"))
      #expect(try journal().entries.count == 4 && journal().lastUndoable == nil)
      #expect(try home.dino("undo", "moths").errors.contains("has no change that could be"))
      let log = try home.dino("log", "moths", "--changes").output
      #expect(log.contains("taken back from step") && log.contains(Journal.short(id) + "/2"))
      try undoOne()
      // Where the phase ends before the ramp does, the ratios may cross only up to its end.
      let long = try home.dino("set", "moths", "mask_ratio_min", "0.9", "--over", "1100000")
      #expect(long.errors.contains("mask_ratio_min would be above mask_ratio_max"), "\(long)")
      #expect(home.ask("moths", .stop)?.outcome == .applied)
      _ = try daemon.wait()
    }

    /// Takes back one of two changes that were made together, by the id that the list shows.
    private func undoOne() throws {
      #expect(try home.dino("set", "moths", "lr=1e-4", "clip_grad=2").code == 0)
      let last = try #require(journal().entries.last)
      let one = try home.dino("undo", "moths", Journal.short(last.id))
      #expect(one.code == 0 && one.output.contains("set clip_grad to 2.000 by"), "\(one)")
      #expect(try journal().entries.last?.id == Journal.undoing(last.id))
      let other = try home.dino("undo", "moths")
      #expect(other.code == 0 && other.output.contains("set lr to 1.00e-4 by"), "\(other)")
      #expect(try journal().lastUndoable == nil)
    }

    @Test("while one has control, others are refused, until they take it or it is released")
    func control() throws {
      let daemon = try home.train(
        "moths", endless + ["guard.pause=[uniform_targets]", "guard.after=0"])
      try home.waitForStep(5, of: "moths", daemon)
      func ask(_ client: String, _ change: Change) -> Reply? {
        home.ask("moths", .change(change), client: client)
      }
      #expect(try home.dino("control", "moths", "take", "--minutes", "30").code == 0)
      let status = try home.dino("status", "moths").output
      #expect(status.contains(/control +[^ ]+@[^ ]+, until/), "\(status)")
      let refused = ask("bob", .set(SetSchedule(.lr, to: 1e-5)))
      #expect(refused?.outcome == .rejected)
      #expect(
        refused?.reason?.contains(
          /has control for another \d+ minutes; dino control moths take --force/)
          != nil, "\(refused?.reason ?? "")")
      #expect(ask("bob", .note(Note("may I?")))?.outcome == .applied)
      #expect(ask("bob", .control(Control(.take)))?.outcome == .rejected)
      #expect(try home.dino("set", "moths", "lr", "1e-5").code == 0)
      // What the run does by itself is nobody's to forbid.
      #expect(try home.dino("set", "moths", "teacher_temp", "1", "--force").code == 0)
      try eventually("the guard pauses the run") {
        home.ask("moths", .status)?.status?.message?.hasPrefix("paused by guard: teacher") == true
      }
      #expect(ask("bob", .control(Control(.take, isForced: true)))?.outcome == .applied)
      let mine = try home.dino("resume", "moths")
      #expect(mine.code == 1 && mine.errors.contains("bob has control for another 59"), "\(mine)")
      #expect(ask("bob", .control(Control(.release)))?.outcome == .applied)
      #expect(try home.dino("stop", "moths").code == 0)
      _ = try daemon.wait()
      let texts = try home.events("moths").filter { $0.kind == "control" }.map(\.text)
      #expect(texts.count == 3 && texts[1].hasPrefix("bob takes control, which"))
    }

    @Test(
      "a step whose gradient is far out of the usual is skipped, and a killed run skips the same")
    func skips() throws {
      let keys = endless + ["optim.skip_step_factor=3", "session.checkpoint_every=70"]
      let daemon = try home.train("moths", keys)
      try home.waitForStep(5, of: "moths", daemon)
      let set = SetSchedule(.koleoLossWeight, to: 10, at: .after(100), isForced: true)
      let first = try #require(home.ask("moths", .change(.set(set)))?.step)
      try home.waitForStep(first + 20, of: "moths", daemon)
      try daemon.killAtOnce()
      let last = (try HistoryReader(directory: home.run("moths")).lastStep() / 70 + 1) * 70
      let again = try home.dinod("train", "--name", "moths", "--until", "\(last)").wait()
      #expect(again.code == 0, "\(again)")
      let skips = try home.events("moths").filter { $0.kind == "spike" }
      #expect(skips.contains { $0.text.contains("; the step was skipped") })
      // Five in a row, and no more: what stays is usual.
      #expect(Set(skips.map(\.step)).isSuperset(of: first..<first + 5), "\(skips.map(\.step))")
      #expect(!Set(skips.map(\.step)).contains(first + 5))
      let replay = try home.dinod(
        "train", "--replay", "moths", "--name", "whole", "--until", "\(last)"
      ).wait()
      #expect(replay.code == 0, "\(replay)")
      #expect(try home.weights("whole", step: last) == home.weights("moths", step: last))
    }
  }
}
