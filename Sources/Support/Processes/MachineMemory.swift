/// The memory that a process may still use, and what limits it.
package struct MachineMemory: Sendable, Equatable {
  /// What limits the available memory.
  package enum Limit: String, Sendable {
    /// `MemAvailable` of /proc/meminfo.
    case machine
    /// The rest of a control group's limit, if that is less.
    case controlGroup = "control group"
  }

  /// The bytes that are available, and what limits them.
  package let availableBytes: Int
  package let limit: Limit

  package init(availableBytes: Int, limit: Limit) {
    self.availableBytes = availableBytes
    self.limit = limit
  }

  /// Returns the memory available to this process; `nil` if the system does not report it.
  package static func current() -> MachineMemory? {
    read(fileSystem: "")
  }

  /// Returns the same from files below another folder than `/`, for tests.
  package static func read(fileSystem root: String) -> MachineMemory? {
    guard
      let meminfo = text(root + "/proc/meminfo"),
      let available = value("MemAvailable:", in: meminfo).map({ $0 << 10 })
    else { return nil }
    let groups = text(root + "/proc/self/cgroup") ?? ""
    let left = groups.split(separator: "\n").compactMap { bytesLeft(in: $0, root: root) }.min()
    if let left, left < available {
      return MachineMemory(availableBytes: left, limit: .controlGroup)
    }
    return MachineMemory(availableBytes: available, limit: .machine)
  }

  /// The names of a control group's files with its limit and its use, and the name of the entry in
  /// `memory.stat` for cached file contents that the system would reclaim; for version 2 and
  /// version 1.
  private typealias Files = (limit: String, used: String, cache: String)
  private static let second: Files = ("memory.max", "memory.current", "inactive_file ")
  private static let first: Files = (
    "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file "
  )

  /// Returns the smallest number of bytes left in a group and its parents; `nil` if none has a
  /// limit. `line` is a line of /proc/self/cgroup.
  private static func bytesLeft(in line: Substring, root: String) -> Int? {
    let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { return nil }
    let controllers = parts[1].split(separator: ",")
    guard parts[1].isEmpty || controllers.contains("memory") else { return nil }
    let base = root + "/sys/fs/cgroup" + (parts[1].isEmpty ? "" : "/memory")
    let files = parts[1].isEmpty ? second : first
    var names = parts[2].split(separator: "/")
    var least: Int?
    // In a container the path may be the host's, of which only the root is visible.
    while true {
      let folder = names.reduce(base) { $0 + "/" + $1 }
      if let left = bytesLeft(folder: folder, files) { least = min(least ?? left, left) }
      guard names.popLast() != nil else { return least }
    }
  }

  private static func bytesLeft(folder: String, _ files: Files) -> Int? {
    guard
      let limit = text("\(folder)/\(files.limit)").flatMap(number),
      let used = text("\(folder)/\(files.used)").flatMap(number)
    else { return nil }
    let cache = value(files.cache, in: text(folder + "/memory.stat") ?? "") ?? 0
    return max(0, limit - max(0, used - cache))
  }

  private static func number(_ text: String) -> Int? {
    text.split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }
  }

  /// Returns the number that follows a name at the beginning of a line.
  private static func value(_ name: String, in text: String) -> Int? {
    text.split(separator: "\n").first { $0.hasPrefix(name) }.flatMap {
      number(String($0.dropFirst(name.count)))
    }
  }

  /// Returns the text of a small system file; `nil` if it cannot be read.
  private static func text(_ path: String) -> String? {
    guard let bytes = try? WholeFile.read(path, limit: 1 << 16) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
}
