extension Metric {
  /// The values that `dino set` may give a schedule; nil where a metric is not adjustable.
  ///
  /// Wide enough for every experiment, narrow enough to refuse a slip of the keyboard: a learning
  /// rate of 4 instead of 4e-4 would ruin the weights in one step. `clip_grad` 0 turns clipping off.
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

  /// Why the schedule cannot be given `value` (nil: the recipe's own again), in one line that says
  /// what can be done; nil where it can.
  package func refusal(of value: Double?) -> String? {
    guard let limits else {
      let names = Metric.adjustable.map(\.rawValue).joined(separator: ", ")
      return "\(rawValue) is measured and cannot be set; adjustable are \(names)"
    }
    if let value, !limits.contains(value) {
      return "\(rawValue) must be from \(limits.lowerBound) to \(limits.upperBound), not \(value)"
    }
    return nil
  }
}
