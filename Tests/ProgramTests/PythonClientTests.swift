import Foundation
import History
import Run
import Testing

extension Programs {
  /// The client for Python, against a real daemon.
  @Suite(.enabled(if: Python.isThere, "scripts/test-python makes the environment"))
  final class PythonClientTests {
    let home = Sandbox()
    /// A run that does not end by itself.
    private let endless = ["optim.epochs=1000000", "session.checkpoint_every=1000000"]

    /// The words that start a script with the client in its reach.
    private func python(_ script: String, _ arguments: String...) -> [String] {
      home.environment["PYTHONPATH"] = Python.checkout.path + "/clients/python"
      return Python.words(script) + arguments
    }

    /// What the script `drive_run.py` saw.
    private struct Seen: Decodable {
      var topics, runs, journal: [String]
      var steps: [Int]
      var losses: [Double]
      var name, rejected, notFinite, wait, stop, state, absent: String
      var set, again: [Value]
      var undo: [Value]
      var lr: Double
      var preview: Int
    }

    /// A text, a number or an object, of which only the first two are kept.
    private struct Value: Decodable, Equatable {
      var text: String?
      var number: Int?

      init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        text = try? value.decode(String.self)
        number = try? value.decode(Int.self)
      }
    }

    @Test("it follows a run without a gap, changes it, and learns what came of each change")
    func drives() throws {
      let daemon = try home.train("moths", endless)
      try home.waitForStep(20, of: "moths", daemon)
      let seen = try home.python(Python.words("drive_run.py", "moths"), as: Seen.self)
      #expect(seen.runs == ["moths"] && seen.name == "moths")
      #expect(seen.topics.first == "snapshot" && seen.topics.contains("status"))
      #expect(seen.steps == Array(1...seen.steps.count), "\(seen.steps.count) steps")
      #expect(seen.losses.count >= 20 && seen.losses.allSatisfy { $0 > 0 })
      #expect(seen.set[0].text == "applied" && seen.again == seen.set)
      #expect(abs(seen.lr - 2e-4) < 1e-12)
      #expect(seen.undo.first?.text == "set")
      #expect(
        seen.rejected.contains("moths: ") && seen.rejected.contains("lr must be from 0.0 to 1.0"))
      #expect(seen.notFinite.contains("not a finite number"))
      #expect(seen.preview > 10 && seen.wait == "accepted" && seen.stop == "applied")
      #expect(seen.journal == ["set", "note", "stop"] && seen.state == "stopped")
      #expect(seen.absent.contains("dino start no-such-run"))
      #expect(try daemon.wait().code == 0)
      let journal = try HistoryReader(directory: home.run("moths")).journal()
      #expect(journal.entries.map(\.client) == ["drive.py", "drive.py", "drive.py"])
      #expect(journal.entries.first?.step == seen.set[1].number)
    }

    @Test(
      "it passes over what a snapshot has, and asks for another when messages are missing or count anew"
    )
    func joins() throws {
      let ending = try home.start(python("join_feed.py", home.path)).wait()
      try #require(ending.code == 0, "\(ending)")
      let messages = ending.output.filter { !$0.isWhitespace }
      #expect(
        messages == #"[["snapshot",2],["step",3],["step",4],["step",5],"#
          + #"["snapshot",7],["step",8],["step",9],"#
          + #"["snapshot",1],["step",2],["step",3],["step",4],["status",5]]"#)
    }

    @Test("it finds the sockets of a run in another folder")
    func otherFolder() throws {
      let folder = home.path + "/other"
      let daemon = try home.train("moths", endless, options: ["--dir", folder])
      let sockets = home.path + "/dino"
      try eventually("the daemon listens") {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: sockets)) ?? []
        return names.contains { $0.hasPrefix("moths-") }
          && FileManager.default.fileExists(atPath: "\(sockets)/\(names[0])/control")
      }
      let seen = try home.python(Python.words("drive_run.py", "moths", folder), as: Seen.self)
      #expect(seen.stop == "applied" && seen.runs.first?.hasPrefix("moths-") == true)
      #expect(try daemon.wait().code == 0)
    }

    @Test("on the shell it prints each step, and says how the run ended")
    func shell() throws {
      let daemon = try home.train("moths", endless)
      try home.waitForStep(5, of: "moths", daemon)
      let client = try home.start(Python.words("dino.py", "moths"))
      try eventually("it prints steps") { client.output.contains("loss ") }
      #expect(home.ask("moths", .stop)?.outcome == .applied)
      let ending = try client.wait()
      #expect(ending.code == 0)
      #expect(ending.output.hasPrefix("moths: running, step "))
      #expect(ending.output.hasSuffix("moths: stopped\n"), "\(ending.output.suffix(200))")
    }

    @Test("a daemon that is killed is reported, and so is one that is not there")
    func lost() throws {
      let daemon = try home.train("moths", endless)
      try home.waitForStep(5, of: "moths", daemon)
      let client = try home.start(Python.words("dino.py", "moths"))
      try eventually("it prints steps") { client.output.contains("loss ") }
      try daemon.killAtOnce()
      let ending = try client.wait()
      #expect(ending.code == 1)
      #expect(
        ending.errors
          == "dino.py: moths: the daemon has sent nothing for 5 s; dino status moths says "
          + "what became of it\n")
      let absent = try home.start(Python.words("dino.py", "wasps")).wait()
      #expect(absent.code == 1 && absent.errorLines.count == 1)
      #expect(absent.errors.contains("no daemon trains 'wasps' here"))
      // The killed daemon left its sockets, and is not listed.
      let none = try home.start(Python.words("dino.py")).wait()
      #expect(none.code == 0 && none.output.hasPrefix("no run is being trained here"))
    }
  }
}
