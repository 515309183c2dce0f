import Run

/// Returns the curves of a metric of the runs that are laid over this one, each with its run's name.
///
/// - Parameter isWhole: whether the curves are those of the whole runs, and not of the steps that are shown.
func overlays(_ metric: Metric, _ view: RunView, isWhole: Bool = false) -> [Series] {
  let roles: [Role] = [.dim, .spark, .timeTeacher, .timeBackward, .timeData]
  return view.overlaid.enumerated().map { place, other in
    let points = isWhole ? other.record.points(metric) : view.points(metric, of: other.record)
    let shown = view.state.smoothing > 0 ? smoothed(points, view.state.smoothing) : points
    return Series(shown, roles[place % roles.count], label: other.name)
  }
}

extension [Series] {
  /// The curves without their names, for a chart that has no room for them; the values times a factor.
  func unnamed(times factor: Double = 1) -> [Series] {
    map { series in
      Series(series.points.map { Point(x: $0.x, y: $0.y * factor) }, series.role)
    }
  }
}
