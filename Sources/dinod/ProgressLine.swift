import Run
import Support

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// The progress of a command on standard error: on a terminal one line that changes, otherwise a
/// line from time to time.
final class ProgressLine {
  private let what: String
  private let total: Int
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let start = Clock.monotonic()
  private var told: Double
  private var isShown = false

  /// Seconds between two lines without a terminal.
  private static let pause = 30.0

  /// - Parameters:
  ///   - what: the plural noun for what is counted, such as "images".
  ///   - total: how many there are; 0 if that is not known.
  init(_ what: String, total: Int) {
    self.what = what
    self.total = total
    told = start
  }

  func update(_ done: Int) {
    let now = Clock.monotonic()
    guard now - told >= (isTerminal ? 0.2 : Self.pause) else { return }
    told = now
    isShown = true
    let line = text(done, after: now - start)
    fputs(isTerminal ? "\r\u{1B}[K\(line)" : "\(line)\n", stderr)
  }

  /// Erases the line.
  func end() {
    if isShown && isTerminal { fputs("\r\u{1B}[K", stderr) }
    isShown = false
  }

  var seconds: Double { Clock.monotonic() - start }

  private func text(_ done: Int, after seconds: Double) -> String {
    let rate = Double(done) / max(seconds, 1e-9)
    guard total > 0 else { return "\(done) \(what), \(Format.decimals(rate, 1))/s" }
    let left = done > 0 ? Double(total - done) / rate : 0
    return "\(done) of \(total) \(what), \(Format.decimals(rate, 1))/s, "
      + "\(Format.duration(left.rounded(.up))) left"
  }
}
