import Run
import Support
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Serves a run's page to Prometheus over HTTP, on 127.0.0.1 and on a thread of its own.
///
/// Whoever reports to it waits for a lock that is held for the time of copying a few values. No client can
/// make it longer.
package final class MetricsServer: Sendable {
  /// The port that it listens on.
  package let port: Int
  private let page: SharedPage
  private let loop: HTTPLoop
  private let thread: Mutex<PosixThread?>

  /// Listens on a port, or on any free one for 0, and starts the thread.
  package init(port: Int, _ page: MetricsPage) throws(MetricsServerError) {
    self.page = SharedPage(page)
    loop = try HTTPLoop(port: port, page: self.page)
    self.port = loop.port
    do throws(PosixThreadError) {
      thread = Mutex(try PosixThread(niceness: 5) { [loop] in loop.run() })
    } catch {
      throw MetricsServerError("\(error)")
    }
  }

  deinit { stop() }

  /// Changes the page. Any thread may call it.
  package func update(_ change: (inout MetricsPage) -> Void) { page.update(change) }

  /// Ends all connections and the thread. Further calls do nothing.
  package func stop() {
    thread.withLock { thread in
      guard let running = thread else { return }
      loop.stop()
      running.join()
      thread = nil
    }
  }
}
