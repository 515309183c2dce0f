import Foundation
import History
import Notices
import Run
import Support
import TestSupport
import Testing
import Wire

extension Programs {
  /// What a run does by itself when something is wrong, and whom it tells.
  @Suite final class GuardTests {
    let home = Sandbox()
    private let endless = ["optim.epochs=25000", "session.checkpoint_every=10000"]

    @Test("targets that become uniform are named, the run pauses, and somebody is told")
    func collapse() throws {
      let web = TinyWeb { _ in .status(200) }
      defer { web.stop() }
      try know("hook json http://127.0.0.1:\(web.port)/")
      let keys =
        endless + [
          "guard.pause=[uniform_targets]", "guard.after=0", "notify.to=[hook]",
        ]
      let daemon = try home.train("moths", keys)
      try home.waitForStep(50, of: "moths", daemon)
      let set = SetSchedule(.teacherTemp, to: 1, isForced: true)
      #expect(home.ask("moths", .set(set))?.outcome == .applied)
      try eventually("the guard pauses the run") {
        home.ask("moths", .status)?.status?.message == "paused by guard"
      }
      let events = try home.events("moths")
      let alarm = try #require(events.last { $0.kind == "alarm" && $0.level == .error })
      #expect(alarm.text.hasPrefix("collapsing: teacher output is uniform: entropy at ln K"))
      #expect(alarm.text.contains("(uniform_targets); what helps: dino set teacher_temp"))
      try eventually("the journal names the guard") {
        let journal = try HistoryReader(directory: home.run("moths")).journal().entries
        return journal.filter { $0.client == "guard" }.map(\.change) == [.pause]
      }
      try eventually("both are told") { web.log.count >= 2 }
      let texts = web.log.map { String(decoding: $0.body, as: UTF8.self) }
      #expect(texts.contains { $0.contains("\"event\":\"alarm\"") })
      #expect(texts.contains { $0.contains("\"event\":\"paused\"") })
      #expect(home.ask("moths", .stop)?.outcome == .applied)
      #expect(try daemon.wait().code == 0)
    }

    @Test("the end of a run is told, and what its server did not take stays to be delivered")
    func finished() throws {
      try know("hook json http://127.0.0.1:9/")
      try home.trainToTheEnd("moths", ["optim.epochs=2", "notify.to=[hook]"])
      let outbox = Outbox(folder: home.run("moths").notices)
      #expect(try outbox.waiting().map(\.notice.event) == [.finished])
      let web = TinyWeb { _ in .status(200) }
      defer { web.stop() }
      try know("hook json http://127.0.0.1:\(web.port)/")
      #expect(try home.dinod("watch").wait().code == 0)
      #expect(web.log.count == 1)
      #expect(try outbox.waiting().isEmpty)
      #expect(try home.dinod("notify", "hook").wait().output == "hook: delivered\n")
    }

    @Test("a daemon that was killed cannot tell; the watch does, once")
    func silent() throws {
      let web = TinyWeb { _ in .status(200) }
      defer { web.stop() }
      try know("hook json http://127.0.0.1:\(web.port)/")
      let daemon = try home.train("moths", endless + ["notify.to=[hook]"])
      try home.waitForStep(20, of: "moths", daemon)
      #expect(try home.dinod("watch").wait().code == 0)
      #expect(web.log.isEmpty)
      try daemon.killAtOnce()
      for _ in 0..<2 { #expect(try home.dinod("watch").wait().code == 0) }
      #expect(web.log.count == 1)
      let text = String(decoding: try #require(web.log.first).body, as: UTF8.self)
      #expect(text.contains("\"event\":\"silent\"") && text.contains("ended without a word"))
    }

    @Test("a destination that is not known is refused before the run begins")
    func unknown() throws {
      try know("hook json http://127.0.0.1:9/")
      let ending = try home.train("moths", ["notify.to=[hok]"]).wait()
      #expect(ending.code == 1 && ending.errors.contains("did you mean 'hook'?"), "\(ending)")
      #expect(try home.dinod("notify", "x").wait().errors.contains("'x' is no destination"))
      #expect(try home.dinod("notify").wait().output.contains("hook"))
    }

    private func know(_ line: String) throws {
      let file = try home.write(line + "\n", to: ".config/dino/notify")
      #expect(chmod(file, 0o600) == 0)
    }
  }
}
