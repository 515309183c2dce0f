import Foundation
import Screen
import Support

/// A hidden terminal of a given size that a test types into and reads.
final class Tmux {
  /// The program next to the tests, where the build places it.
  static let dino =
    executablePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/dino"
  static let isAvailable =
    FileManager.default.isExecutableFile(atPath: dino) && (try? run(["-V"], folder: "/tmp")) != nil

  private let folder: String

  /// Opens the terminal and runs a shell command, after which it shows `LEFT=` and the exit code.
  init(_ size: Size, _ command: String) throws {
    folder = "/tmp/dino-tmux-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try call(
      "new-session", "-d", "-x", "\(size.width)", "-y", "\(size.height)",
      "\(command); echo LEFT=$?; stty -a; exec sleep 60")
    try call("set", "-g", "status", "off")
    try resize(size)
  }

  deinit {
    _ = try? call("kill-server")
    try? FileManager.default.removeItem(atPath: folder)
  }

  func resize(_ size: Size) throws {
    try call("resize-window", "-x", "\(size.width)", "-y", "\(size.height)")
  }

  func type(_ keys: String...) throws { try call(["send-keys"] + keys) }

  func screen() throws -> String { try call("capture-pane", "-p") }

  /// Returns the screen with the escape sequences that set colours.
  func colouredScreen() throws -> String { try call("capture-pane", "-e", "-p") }

  func value(_ variable: String) throws -> String {
    try call("display-message", "-p", "#{\(variable)}").trimmingCharacters(in: .newlines)
  }

  /// Waits until the screen shows a text. Returns the screen, after ten seconds at the latest.
  func wait(for text: String) throws -> String {
    for _ in 0..<200 {
      let screen = try screen()
      if screen.contains(text) { return screen }
      usleep(50_000)
    }
    return try screen()
  }

  /// Sends a signal to the program that the terminal's shell is waiting for.
  func signal(_ number: Int32) throws {
    let shell = try value("pane_pid")
    let children = "/proc/\(shell)/task/\(shell)/children"
    let text = try String(contentsOfFile: children, encoding: .utf8)
    if let child = text.split(separator: " ").first.flatMap({ Int32($0) }) { kill(child, number) }
  }

  @discardableResult
  private func call(_ words: String...) throws -> String { try call(words) }

  @discardableResult
  private func call(_ words: [String]) throws -> String {
    try Self.run(["-f", "/dev/null", "-u"] + words, folder: folder)
  }

  /// A shell runs tmux, since Foundation's `Process` would wait for the tmux server, which keeps
  /// running.
  private static func run(_ words: [String], folder: String) throws -> String {
    let quoted = words.map { "'" + $0.replacing("'", with: "'\\''") + "'" }
    let line = "env -u TMUX TMUX_TMPDIR=\(folder) tmux " + quoted.joined(separator: " ")
    guard let stream = popen(line + " 2>/dev/null", "r") else { throw CocoaError(.executableLoad) }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 {
      output += buffer[..<count]
    }
    guard pclose(stream) == 0 else { throw CocoaError(.executableLoad) }
    return String(decoding: output, as: UTF8.self)
  }
}
