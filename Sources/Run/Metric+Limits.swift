extension Metric {
  /// The range of values that `dino set` accepts for a schedule; `nil` if the metric is not
  /// adjustable.
  ///
  /// The ranges are wide enough for every experiment and narrow enough to reject a typing error: a
  /// learning rate of 4 instead of 4e-4 would ruin the weights in one step. A `clip_grad` of 0
  /// turns clipping off.
  package var limits: ClosedRange<Double>? {
    switch self {
    case .lr, .weightDecay: 0...1
    case .momentumTeacher: 0...1
    case .teacherTemp: 0.001...1
    case .koleoLossWeight: 0...10
    case .clipGrad: 0...1000
    case .maskRatioMin, .maskRatioMax: 0...1
    default: nil
    }
  }

  /// Returns why the schedule cannot be set to `value`, in one line that says what is possible;
  /// `nil` if it can. A `value` of `nil` stands for the recipe's schedule.
  package func refusal(of value: Double?) -> String? {
    guard let limits else {
      let names = Metric.adjustable.map(\.rawValue).joined(separator: ", ")
      return "\(rawValue) is measured and cannot be set; these can be: \(names)"
    }
    if let value, !limits.contains(value) {
      return "\(rawValue) must be from \(limits.lowerBound) to \(limits.upperBound), not \(value)"
    }
    return nil
  }
}
