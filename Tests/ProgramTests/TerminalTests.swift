import Foundation
import Store
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// The path of tmux, a terminal that tests can type into and read.
private let tmux = "/usr/bin/tmux"

extension Programs {
  @Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: tmux), "\(tmux) is needed"))
  final class TerminalTests {
    let home = Sandbox()

    deinit { _ = try? start(["kill-server"]).wait() }

    @Test("a run is shown on 80 × 24, keys are explained, and leaving gives the terminal back")
    func attach() throws {
      let daemon = try home.train("moths", ["optim.epochs=25000"])
      try home.waitForStep(10, of: "moths", daemon)
      home.environment["LC_ALL"] = "C.UTF-8"
      try call(
        "-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24",
        "\(Sandbox.programs)/dino attach moths; echo LEFT=$?; stty -a; exec sleep 60")

      let words = ["moths", "running", "/ 1,000,000 steps"]
      let header = try see(words).split(separator: "\n").prefix(4).joined()
      for word in words { #expect(header.contains(word)) }
      try type("?")
      try see(["Keys", "detach"])
      try type("Escape")
      try eventually("the keys are gone") { try !screen().contains("Keys") }

      try type("q")
      try see(["LEFT=0\n", " icanon", " echo "])
      #expect(try call("display-message", "-p", "#{alternate_on}").output == "0\n")
      let step = try #require(home.ask("moths", .status)?.status?.step)
      try home.waitForStep(step + 20, of: "moths", daemon)
    }

    @Test("dino start --attach shows the run that it begins")
    func startAndAttach() throws {
      let recipe = try home.write(SmallRecipe.text, to: "moths.yaml")
      home.environment["LC_ALL"] = "C.UTF-8"
      try call(
        "-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30",
        "\(Sandbox.programs)/dino start \(recipe) --set optim.epochs=25000 --attach; exec sleep 60")
      try see(["running", "moths"])
      // The terminal closes; the run continues.
      try call("kill-server")
      let step = try #require(home.ask("moths", .status)?.status?.step)
      try home.waitForStep(step + 20, of: "moths")
    }

    private func start(_ words: [String]) throws -> Program {
      try home.start([tmux, "-S", home.path + "/tmux"] + words)
    }

    @discardableResult
    private func call(_ words: String...) throws -> Program.Ending {
      let ending = try start(words).wait()
      try #require(ending.code == 0, "\(ending)")
      return ending
    }

    private func type(_ key: String) throws { try call("send-keys", key) }
    private func screen() throws -> String { try call("capture-pane", "-p").output }

    /// Returns the screen once it shows all texts. One is not enough: a screen can be read while
    /// the rest of it is still being drawn.
    @discardableResult
    private func see(_ texts: [String]) throws -> String {
      var last = ""
      try eventually("the screen shows \(texts), not\n\(last)", within: 20) {
        last = try screen()
        return texts.allSatisfy(last.contains)
      }
      return last
    }
  }
}
