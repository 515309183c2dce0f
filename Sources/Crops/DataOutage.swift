import Images
import Synchronization
import Support

#if canImport(Glibc)
  import Glibc
#endif

/// An error: an image cannot be read at the moment, because the system cannot read its file. Unlike
/// damage this may pass, for example when a disk is mounted again.
package struct DataOutage: Error, CustomStringConvertible {
  /// The image, as the source numbers it.
  package let index: Int
  /// What the system reports.
  package let reason: String

  package init(index: Int, reason: String) {
    self.index = index
    self.reason = reason
  }

  package var description: String { reason }

  /// Whether an error of an image is an outage and no damage.
  package static func isOutage(_ error: any Error) -> Bool {
    (error as? ImageError)?.isOutage == true
  }
}

/// Tries to read an image for some seconds while the system cannot read its file.
///
/// Once it was in vain, further images are tried once only, until one can be read again: thousands
/// of missing files take no longer than one. Any thread may call.
package final class OutagePatience: Sendable {
  private let seconds: Double
  private let hasGivenUp = Mutex(false)

  package init(seconds: Double = 3) { self.seconds = seconds }

  /// Returns what `body` returns. Throws its error if that is damage, or an outage that lasts.
  package func reading<Result>(_ body: () throws -> Result) throws -> Result {
    let end = Clock.monotonic() + seconds
    var pause: UInt32 = 20_000
    while true {
      do {
        let result = try body()
        hasGivenUp.withLock { $0 = false }
        return result
      } catch let error as ImageError where error.isOutage {
        guard Clock.monotonic() < end, !hasGivenUp.withLock({ $0 }) else {
          hasGivenUp.withLock { $0 = true }
          throw error
        }
        usleep(pause)
        pause = min(2 * pause, 500_000)
      }
    }
  }
}
