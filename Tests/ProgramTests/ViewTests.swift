import Foundation
import Testing

/// The path of tmux, a terminal that tests can type into and read.
private let tmux = "/usr/bin/tmux"

extension Programs {
  /// Every view and every prompt of the real program, in terminals of all sizes and kinds.
  @Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: tmux), "\(tmux) is needed"))
  final class ViewTests {
    let home = Sandbox()

    /// The number of the terminal: each has a server of its own, since one that ends still has its socket.
    private var number = 0

    deinit { _ = try? start(["kill-server"]).wait() }

    /// A terminal: its name, its size, and whether its locale has glyphs beyond ASCII.
    private struct Kind {
      var name = "xterm-256color"
      var size: (Int, Int)
      var isUnicode = true
      var variables = ""
    }

    private let kinds = [
      Kind(size: (60, 20)), Kind(size: (80, 24)), Kind(size: (120, 40)), Kind(size: (200, 60)),
      Kind(name: "xterm", size: (80, 24)), Kind(name: "vt100", size: (120, 40)),
      // Any colour, where the terminal database has the variant for it.
      Kind(size: (120, 40), variables: "COLORTERM=truecolor"),
      Kind(name: "xterm-16color", size: (80, 24)),
      Kind(size: (110, 34), variables: "NO_COLOR=1"),
      Kind(name: "xterm", size: (60, 20), isUnicode: false),
      Kind(name: "vt100", size: (200, 60), isUnicode: false),
    ]

    /// The keys of views and prompts, and a word that each shows.
    private let views: [(keys: [String], word: String)] = [
      (["1"], "total"), (["2"], "images/s"), (["3"], "effective rank"), (["4"], "planned run"),
      (["5"], "raw"), (["6"], " events"), (["7"], "like colours"), (["v"], "the lighter"),
      (["v"], "each image"), (["v"], "in fours"), (["v"], "global and local"),
      (["v"], "like colours"),
      (["8"], "note hello"), (["9"], "E export it"), (["E"], "export --format huggingface --at"),
      (["Escape", "0"], "waits for crops"), (["R"], "1 run, 1 being trained"),
      (["Enter"], "System"), (["?"], "Keys"), (["Escape", "1", "e"], "total_loss"),
      (["Escape", ":"], "Command, or a step"), (["Escape", "s"], "Change a schedule"),
      (["Escape", "i"], "phase"), (["Escape", "/"], "enter keeps it"),
      (["Escape", "u"], "taken back"),
      (["1", "m", "o"], "total_loss"), (["Left"], "loss"),
      // What was chosen is there again the next time, so it is taken back.
      (["m", "o", "o"], "total  "),
    ]

    @Test("each view and prompt shows what it is for, in every size and kind of terminal")
    func everything() throws {
      let daemon = try home.train(
        "moths",
        ["optim.epochs=25000", "probe.train_images=20", "session.checkpoint_every=1000000"])
      try home.waitForStep(20, of: "moths", daemon)
      #expect(try home.dino("note", "moths", "hello").code == 0)
      #expect(try home.dino("checkpoint", "moths").code == 0)
      for kind in kinds {
        number += 1
        try open(kind)
        for (keys, word) in views {
          for key in keys { try call("send-keys", key) }
          let screen = try see(word, kind)
          #expect(kind.isUnicode || screen.allSatisfy(\.isASCII), "\(kind) at \(keys)")
          // Nothing is wider than the terminal, and the frame is whole.
          let rows = screen.split(separator: "\n", omittingEmptySubsequences: false)
          #expect(rows.allSatisfy { $0.count <= kind.size.0 } && rows.count <= kind.size.1 + 1)
        }
        try call("kill-server")
      }
      #expect(home.ask("moths", .stop)?.outcome == .applied)
      _ = try daemon.wait()
    }

    @Test(
      "a terminal that shows pixels is sent pictures as they come and go, and none when the program ends"
    )
    func pixels() throws {
      let daemon = try home.train(
        "moths",
        ["optim.epochs=25000", "probe.train_images=20", "session.checkpoint_every=1000000"])
      try home.waitForStep(20, of: "moths", daemon)
      let kind = Kind(size: (120, 40), variables: "DINO_GRAPHICS=kitty")
      number += 1
      try open(kind)
      let file = home.path + "/raw"
      try call("pipe-pane", "-o", "cat > \(file)")
      func sent() -> String {
        String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
      }
      let picture = "\u{1b}_Ga=T,f=24,"
      try call("send-keys", "7")
      try eventually("pictures are sent") { sent().contains(picture) }
      try call("send-keys", "1")
      _ = try see("total", kind)
      let removal = "\u{1b}_Ga=d,d=A,q=2\u{1b}\\"
      try eventually("they are removed") {
        guard let last = sent().range(of: picture, options: .backwards) else { return false }
        return sent()[last.upperBound...].contains(removal)
      }
      try call("send-keys", "7")
      let count = sent().components(separatedBy: removal).count
      try eventually("they are sent again") {
        sent().components(separatedBy: removal).count > count
      }
      try call("send-keys", "q")
      try eventually("none is left") {
        guard let last = sent().range(of: picture, options: .backwards) else { return false }
        return sent()[last.upperBound...].contains(removal)
      }
      try call("kill-server")
      #expect(home.ask("moths", .stop)?.outcome == .applied)
      _ = try daemon.wait()
    }

    private func open(_ kind: Kind) throws {
      let locale = kind.isUnicode ? "C.UTF-8" : "C"
      try call(
        "-f", "/dev/null", "new-session", "-d", "-x", "\(kind.size.0)", "-y", "\(kind.size.1)",
        "TERM=\(kind.name) LC_ALL=\(locale) \(kind.variables) \(Sandbox.programs)/dino attach moths; "
          + "exec sleep 60")
      _ = try see("running", kind)
    }

    private func start(_ words: [String]) throws -> Program {
      home.environment["LC_ALL"] = "C.UTF-8"
      return try home.start([tmux, "-S", home.path + "/tmux\(number)"] + words)
    }

    @discardableResult
    private func call(_ words: String...) throws -> Program.Ending {
      let ending = try start(words).wait()
      try #require(ending.code == 0, "\(ending)")
      return ending
    }

    private func see(_ word: String, _ kind: Kind) throws -> String {
      var last = ""
      try eventually("\(kind) shows '\(word)', not\n\(last)", within: 20) {
        last = try call("capture-pane", "-p").output
        return last.contains(word)
      }
      return last
    }
  }
}
