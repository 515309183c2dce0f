import Support
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("The processes of a process")
struct ProcessTreeTests {
  @Test("a process that has ended is no child, though its parent has not asked how")
  func ended() throws {
    let child = try ChildProcess("/bin/sleep", ["60"], output: .file("/dev/null"))
    defer { while child.ending() == nil { usleep(1000) } }
    #expect(ProcessTree.children(of: getpid()).contains(child.pid))
    #expect(ProcessTree.parent(of: child.pid) == getpid())
    kill(child.pid, SIGKILL)
    var isChild = true
    for _ in 0..<1000 where isChild {
      usleep(10_000)
      isChild = ProcessTree.children(of: getpid()).contains(child.pid)
    }
    // It exists still, as a zombie.
    #expect(!isChild && kill(child.pid, 0) == 0)
  }
}
