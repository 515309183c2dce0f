import Foundation
import Support
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Programs that are started")
struct ChildProcessTests {
  @Test("a program inherits no file beside its input, output and errors")
  func files() throws {
    let folder = TemporaryFolder()
    // Without the mark that would close it, and at a number that no file of the shell has.
    let first = Glibc.open("/dev/null", O_RDONLY)
    let open = fcntl(first, F_DUPFD, 77)
    close(first)
    try #require(open >= 77)
    defer { close(open) }
    let output = folder.file("output")
    let child = try ChildProcess(
      "/bin/sh", ["-c", "for file in /proc/self/fd/*; do echo ${file##*/}; done"],
      output: .file(output))
    while child.ending() == nil { usleep(10_000) }
    let files = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
    #expect(files.contains("0") && files.contains("2"), "\(files)")
    #expect(!files.contains("\(open)"), "\(files)")
  }
}
