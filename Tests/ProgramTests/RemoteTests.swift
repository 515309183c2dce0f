import Foundation
import History
import Run
import Testing

#if canImport(Glibc)
  import Glibc
#endif

extension Programs {
  /// A run on one machine, seen and steered from another. Both are homes of this one, which know
  /// nothing of each other but an address and keys.
  @Suite final class RemoteTests {
    let host = Sandbox()
    let laptop = Sandbox()
    private let port = Int.random(in: 10_000...16_000) * 2
    private let endless = ["optim.epochs=25000", "session.checkpoint_every=10000"]

    @Test("from two strangers to a run that is steered from afar, as the messages say")
    func session() throws {
      let daemon = try host.train("moths", endless)
      try host.waitForStep(2, of: "moths", daemon)
      let own = try introduce()

      let list = try laptop.dino("ls")
      #expect(list.output.contains(/gpu:moths +running/), "\(list)")
      let set = try laptop.dino("set", "gpu:moths", "lr", "5e-4")
      #expect(set.code == 0 && set.output.contains("undo   dino set gpu:moths lr recipe"), "\(set)")
      #expect(try laptop.dino("pause", "--host", "gpu").code == 0)
      let status = try laptop.dino("status", "gpu:moths")
      #expect(status.output.contains(/state +paused: paused by anna/), "\(status)")
      #expect(try laptop.dino("log", "gpu:moths").output.contains("paused by anna"))
      let journal = try HistoryReader(directory: host.run("moths")).journal().entries
      #expect(journal.filter { $0.client == "anna" }.map(\.change.kind.name) == ["set", "pause"])

      let stop = try laptop.dino("stop", "gpu:moths")
      #expect(stop.code == 1)
      #expect(stop.errors.contains("stop is for the owner of a run, and anna is an operator"))
      try grant("anna", "owner", own)
      try eventually("anna is an owner") {
        try laptop.dino("stop", "gpu:moths").output.contains("gpu:moths: stopped after step")
      }
      #expect(try daemon.wait().code == 0)
      #expect(try laptop.dino("ls", "--host", "gpu").output.contains(/gpu:moths +stopped/))
      let again = try laptop.dino("resume", "gpu:moths")
      #expect(again.code == 1)
      #expect(again.errors.contains("is not being trained; on its machine, resume it with"))
      try readRecords()
    }

    /// Reads what is on the disk of the machine.
    private func readRecords() throws {
      let checkpoints = try laptop.dino("checkpoints", "gpu:moths")
      let here = try host.dino("checkpoints", "moths")
      #expect(checkpoints.code == 0 && checkpoints.output == here.output, "\(checkpoints)")
      for table in [["--csv"], ["--jsonl", "--every", "7"], ["--events"], ["--from", "20"]] {
        let rows = try laptop.dino(["metrics", "gpu:moths"] + table)
        #expect(rows.output == (try host.dino(["metrics", "moths"] + table)).output, "\(table)")
        #expect(rows.code == 0 && rows.output.split(separator: "\n").count > 3)
      }
      #expect(
        try laptop.dino("metrics", "gpu:moths", "--tensorboard", "x").errors.contains(
          "run it on the machine of"))
    }

    @Test("what is missing is named, with the command that helps")
    func missing() throws {
      func line(_ words: String...) throws -> String {
        let ending = try laptop.dino(words)
        #expect(ending.code != 0 && ending.errorLines.count == 1, "\(ending)")
        return ending.errors
      }
      let key = String(repeating: "ab", count: 32)
      #expect(try line("status", "gpu:moths").contains("add it with: dino hosts add gpu"))
      #expect(try line("hosts", "add", "gpu", "10.0.0.1", "abc").contains("is no public key"))
      #expect(try line("hosts", "add", "gpu", "a b", key).contains("write tcp://HOST:PORT"))
      #expect(try line("keys", "grant", "anna", "boss", key).contains("there are viewer, operator"))
      #expect(try line("keys", "revoke", "anna").contains("no key is called 'anna'"))
      let added = try laptop.dino("hosts", "add", "gpu", "127.0.0.1:9", key)
      #expect(added.output.contains("nothing answers at tcp://127.0.0.1:9"), "\(added)")
      #expect(try line("attach", "gpuu:moths").contains("did you mean 'gpu'?"))
      let list = try laptop.dino("ls")
      #expect(list.code == 0 && list.output.contains(/gpu: +silent/), "\(list)")
      #expect(try laptop.dino("keys", "new").errors.contains("has a key already"))
    }

    @Test("a second gate of the same user is refused, and a wrong address too")
    func gates() throws {
      let gate = try serve()
      try eventually("it listens") { gate.output.contains("listening at") }
      #expect(
        try host.dino("serve").errors.contains("dino serve runs already (process \(gate.pid))"))
      #expect(try laptop.dino("serve", "--listen", "ipc:///x").code == 2)
      let taken = try laptop.dino("serve", "--listen", "127.0.0.1:\(port)")
      #expect(taken.code == 1 && taken.errors.contains("cannot listen"), "\(taken)")
    }

    /// Starts the gate, and lets the laptop in as an operator, as the messages say. Returns its key.
    private func introduce() throws -> String {
      let gate = try serve()
      let key = try waitFor("the gate's key") {
        gate.output.firstMatch(of: /the key of this machine is ([0-9a-f]{64})/)?.1
      }
      try eventually("it says what is missing") { gate.output.contains("nobody may connect yet") }

      let made = try laptop.dino("keys", "new")
      let own = try #require(made.output.firstMatch(of: /\n  ([0-9a-f]{64})\n/)?.1)
      let added = try laptop.dino("hosts", "add", "gpu", "127.0.0.1:\(port)", String(key))
      #expect(added.output.contains("does not let this machine in; there, run: dino keys grant"))
      let list = try laptop.dino("ls").output
      #expect(list.contains(/gpu: +refused .*dino keys grant/), "\(list)")
      try grant("anna", "operator", String(own))
      return String(own)
    }

    private func serve() throws -> Program {
      try host.start([Sandbox.programs + "/dino", "serve", "--listen", "127.0.0.1:\(port)"])
    }

    private func grant(_ name: String, _ role: String, _ key: String) throws {
      let granted = try host.dino("keys", "grant", name, role, key)
      #expect(granted.code == 0, "\(granted)")
      try eventually("\(name) is let in") {
        try laptop.dino("ls", "--host", "gpu").code == 0
          && !laptop.dino("ls", "--host", "gpu").output.contains(/gpu: +(silent|refused)/)
      }
    }
  }
}
