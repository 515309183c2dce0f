#if canImport(Glibc)
  import Glibc
#endif

/// How much memory this process has in use.
package enum ResidentMemory {
  /// Bytes that are resident now; nil where the system does not say. Cheap enough for every step.
  package static var bytes: Int? {
    let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    return withUnsafeTemporaryAllocation(byteCount: 128, alignment: 1) { buffer in
      let count = read(file, buffer.baseAddress!, buffer.count)
      guard count > 0 else { return nil }
      // The second number counts pages that are resident.
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

  /// The most bytes that ever were resident.
  package static var peakBytes: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss << 10
  }
}
