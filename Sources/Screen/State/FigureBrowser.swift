import Run

/// The window that explains the figures of a panel.
package struct FigureBrowser: Equatable, Sendable {
  /// The metrics that are explained.
  package let metrics: [Metric]
  /// The place of the selected one.
  package private(set) var selected = 0

  /// Opens the window for metrics that have an explanation; `nil` if none has.
  package init?(_ metrics: [Metric]) {
    self.metrics = metrics.filter { Figure.of($0) != nil }
    if self.metrics.isEmpty { return nil }
  }

  /// The selected metric.
  package var metric: Metric { metrics[selected] }

  /// Handles a key. Returns whether the window stays open.
  package mutating func handle(_ key: Key) -> Bool {
    switch key {
    case .down, .tab, .character("j"): selected = (selected + 1) % metrics.count
    case .up, .backTab, .character("k"): selected = (selected + metrics.count - 1) % metrics.count
    case .home: selected = 0
    case .end: selected = metrics.count - 1
    default: return false
    }
    return true
  }
}
