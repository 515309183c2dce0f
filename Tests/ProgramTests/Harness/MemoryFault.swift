import Foundation
import Store
import Testing

/// Changes what another process has in its memory, as a fault of the memory would.
enum MemoryFault {
  /// Changes a value of a parameter, where a checkpoint shows what it is.
  static func change(
    _ file: String, _ tensor: String, of checkpoint: Checkpoint, in process: pid_t
  ) throws {
    let values = try checkpoint.tensors(file).floats(tensor)
    let wanted = Array(values[8..<24])
    let pattern = wanted.withUnsafeBytes { Data($0) }
    let memory = try FileHandle(forUpdating: URL(fileURLWithPath: "/proc/\(process)/mem"))
    var found = 0
    for range in try writable(process) {
      guard (try? memory.seek(toOffset: range.lowerBound)) != nil,
        let bytes = try? memory.read(upToCount: Int(range.upperBound - range.lowerBound)),
        let place = bytes.range(of: pattern)?.lowerBound
      else { continue }
      try memory.seek(toOffset: range.lowerBound + UInt64(place))
      var changed = wanted[0] * 2 + 1
      try memory.write(contentsOf: Data(bytes: &changed, count: 4))
      found += 1
    }
    try #require(found == 1, "the parameter is in \(found) places of the memory")
  }

  /// The stretches of memory that a process may write to.
  private static func writable(_ process: pid_t) throws -> [Range<UInt64>] {
    try String(contentsOfFile: "/proc/\(process)/maps", encoding: .utf8).split(separator: "\n")
      .compactMap { line in
        let words = line.split(separator: " ")
        let ends = words[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
        return words[1].hasPrefix("rw") && ends.count == 2 ? ends[0]..<ends[1] : nil
      }
  }
}
