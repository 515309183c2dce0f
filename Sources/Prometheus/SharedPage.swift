import Synchronization

/// A page that one thread changes and another reads.
final class SharedPage: Sendable {
  private let page: Mutex<MetricsPage>

  init(_ page: MetricsPage) { self.page = Mutex(page) }

  func update(_ change: (inout MetricsPage) -> Void) { page.withLock { change(&$0) } }

  /// The text is made outside the lock.
  var text: String { page.withLock { $0 }.text }
}
