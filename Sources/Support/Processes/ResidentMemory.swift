#if canImport(Glibc)
  import Glibc
#endif

/// The resident memory of this process.
package enum ResidentMemory {
  /// The current resident size in bytes; `nil` if the system does not report it. It is cheap
  /// enough to read in every step.
  package static var bytes: Int? {
    let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    return withUnsafeTemporaryAllocation(byteCount: 128, alignment: 1) { buffer in
      let count = read(file, buffer.baseAddress!, buffer.count)
      guard count > 0 else { return nil }
      // The second field is the number of resident pages.
      var fields = 0
      var pages = 0
      for byte in buffer[..<count] where fields < 2 {
        if byte == UInt8(ascii: " ") {
          fields += 1
        } else if fields == 1 {
          pages = 10 * pages + Int(byte) - 48
        }
      }
      return fields < 2 ? nil : pages * Int(getpagesize())
    }
  }

  /// The largest resident size so far, in bytes.
  package static var peakBytes: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss << 10
  }
}
