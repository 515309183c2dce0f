import CollectivesMPI
import Support

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// A job of `mpirun` that the supervisor has started. What it prints goes on to the supervisor's output, and
/// is looked through for the reason of a loss.
final class SupervisedJob {
  private let child: ChildProcess
  private let output: Int32
  private var line: [UInt8] = []
  private var diagnosis = MPIDiagnosis()
  private var isTold = false
  /// Since when no process that `mpirun` started here is left.
  private var aloneSince: Double?
  private var isStuck = false

  /// The seconds after which `mpirun` without processes counts as stuck.
  private static let patience = 8.0

  /// Starts `mpirun`, which ends with its processes if the supervisor dies, however that happens.
  init(_ mpirun: String, _ arguments: [String]) throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw FileError("a pipe", cannot: "be made", errno: errno)
    }
    output = ends[0]
    defer { close(ends[1]) }
    let words = ["--pdeathsig", "TERM", mpirun] + arguments
    // In a session of its own it gets no Ctrl-C of the terminal, upon which it would save nothing.
    child = try ChildProcess(
      Self.deathSignalSetter, words, output: .descriptor(ends[1]), inNewSession: true)
  }

  deinit { close(output) }

  /// A program of util-linux, which every Linux has, that asks the system for a signal at the parent's death.
  private static let deathSignalSetter = "/usr/bin/setpriv"

  /// Waits for the end. Passes a request to end on: `mpirun` forwards SIGUSR1 to all processes, while
  /// SIGTERM would leave them a second.
  func wait() -> (code: Int32, reason: String?) {
    while true {
      pass(milliseconds: 200)
      if let status = child.ending() {
        pass(milliseconds: 0)
        let reason =
          diagnosis.reason ?? (isStuck ? "all processes here ended, but mpirun did not" : nil)
        return (status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f, reason)
      }
      if Signals.isPending, !isTold {
        isTold = true
        kill(child.pid, SIGUSR1)
      }
      endIfStuck()
    }
  }

  /// Ends `mpirun` if it does not end when the processes here have: it may wait for a host that is gone, and
  /// PMIx, on which it is built, may block itself after a loss.
  private func endIfStuck() {
    guard ProcessTree.children(of: child.pid).isEmpty else {
      aloneSince = nil
      return
    }
    let since = aloneSince ?? Clock.monotonic()
    aloneSince = since
    guard Clock.monotonic() - since > Self.patience else { return }
    isStuck = true
    kill(child.pid, SIGKILL)
  }

  /// Passes on what was printed, waiting for it at most so long.
  private func pass(milliseconds: Int32) {
    var poll = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
    var wait = milliseconds
    while Glibc.poll(&poll, 1, wait) > 0 {
      var bytes = [UInt8](repeating: 0, count: 1 << 14)
      let count = read(output, &bytes, bytes.count)
      guard count > 0 else {
        // Nobody has the other end any more; the end is near.
        usleep(UInt32(max(1, wait)) * 1000)
        return
      }
      _ = bytes.withUnsafeBytes {
        FileSystem.write(UnsafeRawBufferPointer(rebasing: $0[..<count]), to: STDOUT_FILENO)
      }
      take(bytes[..<count])
      wait = 0
    }
  }

  private func take(_ bytes: ArraySlice<UInt8>) {
    for byte in bytes {
      guard byte == UInt8(ascii: "\n") || line.count > 4096 else {
        line.append(byte)
        continue
      }
      diagnosis.read(String(decoding: line, as: UTF8.self))
      line.removeAll(keepingCapacity: true)
    }
  }
}
