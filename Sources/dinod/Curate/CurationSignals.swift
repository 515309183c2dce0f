import Synchronization

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// Turns SIGTERM and SIGINT into a request to end after the present piece of work. A second signal
/// ends the program at once; what was written until then is kept.
enum CurationSignals {
  private static let count = Atomic<Int>(0)

  static var isStopped: Bool { count.load(ordering: .relaxed) > 0 }

  static func install() {
    _ = isStopped
    for wanted in [SIGTERM, SIGINT] {
      signal(wanted) { number in
        if CurationSignals.count.add(1, ordering: .relaxed).oldValue > 0 { _exit(128 + number) }
      }
    }
  }
}
