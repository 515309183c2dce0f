import Run
import Support

extension RunViewState {
  /// Takes a click: it selects the panel under it, or the tab.
  mutating func click(_ x: Int, _ y: Int, size: Size, _ record: RunRecord?) {
    guard overlay == nil, let record,
      let layout = Layout(size, panel: panel, isExpanded: isExpanded, kind: record.status.kind)
    else { return }
    if layout.isTabbed {
      let all = Panel.all(of: record.status.kind)
      // The frame's top edge has the tabs.
      guard y == layout.panels[0].place.y else { return }
      var column = layout.panels[0].place.x + 3
      let isNarrow = Layout.hasNarrowTabs(all, width: size.width)
      for candidate in all {
        let width =
          candidate == panel || !isNarrow
          ? candidate.title.columns + (candidate == panel ? 4 : 2) : 1
        if (column..<column + width).contains(x) { return select(candidate) }
        column += width + 1
      }
      return
    }
    if let (chosen, _) = layout.panels.first(where: { $0.place.holds(x, y) }) { select(chosen) }
  }
}

extension Panel {
  /// Whether the panel is a list, through which a wheel scrolls.
  var isList: Bool { [.log, .changes, .checkpoints].contains(self) }
}

extension Rect {
  fileprivate func holds(_ x: Int, _ y: Int) -> Bool {
    (self.x..<maxX).contains(x) && (self.y..<maxY).contains(y)
  }
}
