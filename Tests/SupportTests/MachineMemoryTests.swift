import Foundation
import Support
import TestSupport
import Testing

@Suite("What memory there is, by the system's files")
struct MachineMemoryTests {
  private func found(_ files: [String: String]) throws -> MachineMemory? {
    let root = TemporaryFolder()
    for (name, text) in files { root.write(text, to: name) }
    return withExtendedLifetime(root) { MachineMemory.read(fileSystem: root.path) }
  }

  private let meminfo = ["proc/meminfo": "MemTotal:  9000 kB\nMemAvailable:    8000 kB\n"]
  private func with(_ files: [String: String]) throws -> MachineMemory? {
    try found(meminfo.merging(files) { $1 })
  }

  @Test("without a limit it is what the machine has available")
  func machine() throws {
    let all = MachineMemory(availableBytes: 8000 << 10, limit: .machine)
    #expect(try with([:]) == all)
    #expect(
      try with([
        "proc/self/cgroup": "0::/user\n", "sys/fs/cgroup/user/memory.max": "max\n",
        "sys/fs/cgroup/user/memory.current": "100\n",
      ]) == all)
    // A limit above the available memory has no effect.
    #expect(
      try with([
        "proc/self/cgroup": "0::/", "sys/fs/cgroup/memory.max": "900000000",
        "sys/fs/cgroup/memory.current": "100",
      ]) == all)
    #expect(try found([:]) == nil)
  }

  @Test("the lowest limit of a group and those above it counts, cached files left out of its use")
  func second() throws {
    let limited = try with([
      "proc/self/cgroup": "0::/slice/run\n", "sys/fs/cgroup/slice/run/memory.max": "5000000\n",
      "sys/fs/cgroup/slice/run/memory.current": "1000000\n",
      "sys/fs/cgroup/slice/memory.max": "4000000\n",
      "sys/fs/cgroup/slice/memory.current": "3000000\n",
      "sys/fs/cgroup/slice/memory.stat": "anon 7\ninactive_file 2500000\nactive_file 1\n",
    ])
    #expect(limited == MachineMemory(availableBytes: 3_500_000, limit: .controlGroup))
  }

  @Test("version 1 of control groups, whose path is the host's in a container")
  func first() throws {
    let limited = try with([
      "proc/self/cgroup": "9:cpu:/x\n4:memory:/docker/abc\n0::/\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "6000000\n",
      "sys/fs/cgroup/memory/memory.usage_in_bytes": "2000000\n",
      "sys/fs/cgroup/memory/memory.stat": "inactive_file 5\ntotal_inactive_file 500000\n",
    ])
    #expect(limited == MachineMemory(availableBytes: 4_500_000, limit: .controlGroup))
  }
}
