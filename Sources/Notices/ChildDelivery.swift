import Support

#if canImport(Glibc)
  import Glibc
#endif

/// Delivers by a program of the system.
enum ChildDelivery {
  /// Seconds that the program has.
  private static let patience = 30.0

  /// Runs a program with a file as its input, and waits for its end. A program that takes too long is
  /// killed, with what it has started.
  static func run(
    _ path: String, _ arguments: [String], input: String, variables: [String: String]
  ) -> Delivery {
    let output = PartialPath.claim(
      (Environment.value("TMPDIR") ?? "/tmp") + "/dino-notice", hidden: true)
    defer { try? FileSystem.removeFile(output) }
    let child: ChildProcess
    do throws(FileError) {
      child = try ChildProcess(
        path, arguments, input: input, output: .file(output), variables: variables,
        inNewSession: true)
    } catch {
      return .failed(error.description)
    }
    let deadline = Clock.monotonic() + patience
    while Clock.monotonic() < deadline {
      if let status = child.ending() {
        guard status != 0 else { return .delivered }
        let said = (try? WholeFile.read(output, limit: 1 << 16)).map {
          String(decoding: $0, as: UTF8.self).split(separator: "\n").last.map { ": \($0)" } ?? ""
        }
        let code =
          status & 0x7f == 0 ? "exit code \(status >> 8 & 0xff)" : "signal \(status & 0x7f)"
        return .failed(PrintableText.line("\(code)\(said ?? "")", limit: 200))
      }
      usleep(20_000)
    }
    kill(-child.pid, SIGKILL)
    while child.ending() == nil { usleep(10_000) }
    return .failed("it took more than \(Int(patience)) s and was killed")
  }
}
