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
        home.ask("moths", .status)?.status?.message?.hasPrefix("paused by guard: teacher") == true
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
      try staysAtWork()
    }

    /// Who resumes a run that the guard has held up has seen its alarms: they hold it up no more.
    private func staysAtWork() throws {
      let again = try home.start([Sandbox.programs + "/dinod", "train", "--name", "moths"])
      // Three looks of the guard, and more.
      try eventually("it trains") { home.ask("moths", .status)?.status?.state == .running }
      Thread.sleep(forTimeInterval: 7)
      #expect(home.ask("moths", .status)?.status?.state == .running)
      let journal = try HistoryReader(directory: home.run("moths")).journal().entries
      #expect(journal.count { $0.client == "guard" } == 1)
      #expect(home.ask("moths", .stop)?.outcome == .applied)
      _ = try again.wait()
    }

    /// With such a rate, weight decay makes the weights grow without bound within some steps.
    private let ruinous = ["optim.base_lr=100", "session.checkpoint_every=5"]

    @Test(
      "a run whose numbers are not finite goes back by itself, at a lower rate; so does its replay")
    func rewind() throws {
      let keys =
        ruinous + [
          "optim.epochs=5", "session.checkpoint_keep=100", "guard.rewind_lr=0.00001",
        ]
      try home.trainToTheEnd("moths", keys)
      let journal = try HistoryReader(directory: home.run("moths")).journal().entries
      let rewinds = journal.filter(\.isRewind)
      try #require(!rewinds.isEmpty && rewinds.allSatisfy { $0.client == "guard" })
      #expect(rewinds[0].set == SetSchedule(.lr, to: nil, factor: 0.00001))
      let events = try home.events("moths")
      #expect(
        events.contains { $0.kind == "guard" && $0.text.hasPrefix("rewind to the last good") })
      #expect(events.contains { $0.kind == "rewind" && $0.text.hasSuffix("(guard)") })
      // The database has each step once, with the rate that it was computed with in the end.
      let samples = try HistoryReader(directory: home.run("moths")).record().samples
      #expect(samples.map(\.step) == Array(1...200))
      #expect(samples.last?[.totalLoss]?.isFinite == true)
      let first = try #require(rewinds.last).step
      #expect(samples[(first - 1)...].allSatisfy { ($0[.lr] ?? 1) < 0.01 })
      let again = try home.dinod("train", "--replay", "moths", "--name", "again").wait()
      #expect(again.code == 0 && again.output.contains("those of moths, bit for bit"), "\(again)")
      #expect(try home.weights("again", step: 200) == home.weights("moths", step: 200))
    }

    @Test(
      "a rate that somebody forced is no start for the guard's: it goes to a part of the recipe's")
    func forced() throws {
      let daemon = try home.train("moths", endless + ["session.checkpoint_every=20"])
      try home.waitForStep(50, of: "moths", daemon)
      let set = SetSchedule(.lr, to: 1, isForced: true)
      #expect(home.ask("moths", .change(.set(set)))?.outcome == .applied)
      var rewind: JournalEntry?
      try eventually("it goes back") {
        let journal = try? HistoryReader(directory: home.run("moths")).journal().entries
        rewind = journal?.first { $0.isRewind && $0.client == "guard" }
        return rewind != nil
      }
      #expect(rewind?.set == SetSchedule(.lr, to: nil, factor: 0.5))
      #expect(home.ask("moths", .stop)?.outcome == .applied)
      _ = try daemon.wait()
    }

    @Test("a run that goes bad whatever is done pauses after some tries")
    func givesUp() throws {
      let daemon = try home.train("moths", endless + ruinous + ["guard.rewind_lr=1"])
      try eventually("it gives up") {
        let journal = try? HistoryReader(directory: home.run("moths")).journal().entries
        return journal?.contains { $0.client == "guard" && $0.change == .pause } == true
      }
      let journal = try HistoryReader(directory: home.run("moths")).journal().entries
      #expect(journal.filter(\.isRewind).count == 3)
      let status = home.ask("moths", .status)?.status
      // The trainer pauses itself after five such steps, unless the guard asks for it earlier.
      let message = status?.message ?? ""
      #expect(status?.state == .paused, "\(message)")
      #expect(message.hasPrefix("losses are not") || message.hasPrefix("paused by guard: "))
      #expect(home.ask("moths", .stop)?.outcome == .applied)
      _ = try daemon.wait()
    }

    @Test(
      "a rewind that cannot be made is refused with the reason, and --preview says what it costs")
    func refused() throws {
      let daemon = try home.train("moths", endless)
      try home.waitForStep(30, of: "moths", daemon)
      func ask(_ change: Change) -> String? { home.ask("moths", .change(change))?.reason }
      #expect(home.ask("moths", .change(.pause))?.outcome == .applied)
      #expect(
        ask(.rewind(Rewind())) == "the present phase has no checkpoint that is known to be good")
      #expect(home.ask("moths", .change(.checkpoint(name: "kept")))?.outcome == .applied)
      let kept = try #require(home.ask("moths", .status)?.status?.step)
      #expect(
        ask(.rewind(Rewind(to: 7)))
          == "there is no checkpoint of step 7 to go back to; the present phase has none")
      #expect(home.ask("moths", .change(.resume))?.outcome == .applied)
      try home.waitForStep(kept + 20, of: "moths", daemon)
      let preview = try #require(home.ask("moths", .preview(.rewind(Rewind())))?.expected)
      #expect(preview.first == kept + 1 && preview.refusal == nil && (preview.dropped ?? 0) >= 20)
      let set = SetSchedule(.momentumTeacher, to: nil, factor: 1.5)
      #expect(
        ask(.rewind(Rewind(set: set)))?.hasPrefix("momentum_teacher must be from 0.0 to 1.0")
          == true)
      // A factor on a value that a person has set is a value, which has limits of its own.
      let fixed = SetSchedule(.momentumTeacher, to: 0.996)
      #expect(home.ask("moths", .change(.set(fixed)))?.outcome == .applied)
      try home.waitForStep(kept + 40, of: "moths", daemon)
      #expect(home.ask("moths", .checkpoint())?.outcome == .applied)
      let later = try #require(home.ask("moths", .status)?.status?.step)
      try home.waitForStep(later + 20, of: "moths", daemon)
      let above = SetSchedule(.momentumTeacher, to: nil, factor: 1.005)
      #expect(
        ask(.rewind(Rewind(set: above)))?.hasPrefix("momentum_teacher must be from") == true)
      // Paused, so that no step takes the place of one that was dropped.
      #expect(home.ask("moths", .change(.pause))?.outcome == .applied)
      #expect(home.ask("moths", .change(.rewind(Rewind(to: kept))))?.outcome == .applied)
      #expect(try HistoryReader(directory: home.run("moths")).lastStep() == kept)
      #expect(home.ask("moths", .stop)?.outcome == .applied)
      _ = try daemon.wait()
      #expect(try home.checkpoints("moths").list().first?.name == "kept")
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

    @Test("mail goes out through sendmail, and what it does not take now is tried again")
    func mail() throws {
      try know("me mail anna@example.org")
      let script = """
        #!/bin/sh
        echo "$@" >> \(home.path)/asked
        [ -e \(home.path)/away ] && { echo 'no route' >&2; exit 75; }
        cat >> \(home.path)/mail
        """
      let sendmail = try home.write(script, to: "bin/sendmail")
      #expect(chmod(sendmail, 0o755) == 0)
      home.environment["PATH"] = "\(home.path)/bin:/usr/bin:/bin"
      try home.write("", to: "away")
      try home.trainToTheEnd("moths", ["optim.epochs=2", "notify.to=[me]"])
      let outbox = Outbox(folder: home.run("moths").notices)
      #expect(try outbox.waiting().map(\.notice.event) == [.finished])
      try FileManager.default.removeItem(atPath: home.path + "/away")
      #expect(try home.dinod("watch").wait().code == 0)
      #expect(try outbox.waiting().isEmpty)
      let message = try String(contentsOfFile: home.path + "/mail", encoding: .utf8)
      let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines[0] == "To: anna@example.org" && lines[1] == "Subject: [dino] moths: finished")
      #expect(lines[2].wholeMatch(of: /Message-ID: <[^@ ]+@[^@ ]+>/) != nil)
      // Once, although it says that it may have come before.
      #expect(lines.count { $0.hasPrefix("To: ") } == 1)
      #expect(message.contains(/sent again, attempt \d+; it may have come before/))
      let asked = try String(contentsOfFile: home.path + "/asked", encoding: .utf8)
      #expect(Set(asked.split(separator: "\n")) == ["-t -i"])
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
