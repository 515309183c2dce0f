import Support

#if canImport(Glibc)
  import Glibc
#endif

/// A command of this program that runs in the background and whose output is collected.
/// Must be used by one thread.
final class CommandProcess {
  /// The result of the command.
  struct Ending {
    let succeeded: Bool
    /// The collected standard output and standard error.
    let output: String

    /// The line that says what came of it, without the program's name: of a failure the last one, else the first
    /// that is no notice; `nil` if it said nothing.
    var summary: String? {
      let programs = ["dino: ", "dinod: "]
      func isNotice(_ line: String) -> Bool { programs.contains { line.hasPrefix($0) } }
      let lines = output.split(separator: "\n").map(String.init)
      let line = succeeded ? lines.first { !isNotice($0) } ?? lines.first : lines.last
      return line.map { line in
        String(line.dropFirst(programs.first { line.hasPrefix($0) }?.count ?? 0))
      }
    }
  }

  private let child: ChildProcess
  private let output: Int32
  private var bytes: [UInt8] = []
  /// Whether its result was returned.
  private(set) var hasEnded = false

  /// Starts the command.
  ///
  /// - Parameter words: the command line without the program's name.
  init(_ words: [String]) throws(FileError) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw FileError(executablePath, cannot: "be given a pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    output = ends[0]
    defer { close(ends[1]) }
    do {
      child = try ChildProcess(executablePath, words, output: .descriptor(ends[1]))
    } catch {
      close(output)
      throw error
    }
  }

  /// The process continues to run if it has not ended yet.
  deinit { close(output) }

  /// Returns the result once, when the process has ended; otherwise `nil`. Does not block.
  func poll() -> Ending? {
    guard !hasEnded else { return nil }
    var part = [UInt8](repeating: 0, count: 4096)
    while case let count = read(output, &part, part.count), count > 0 {
      bytes += part[..<count]
    }
    guard let status = child.ending() else { return nil }
    hasEnded = true
    while case let count = read(output, &part, part.count), count > 0 {
      bytes += part[..<count]
    }
    return Ending(succeeded: status == 0, output: String(decoding: bytes, as: UTF8.self))
  }
}
