import Support

extension ChangeKind {
  /// Moves a schedule.
  package static let set = ChangeKind(
    "set", "change a schedule of a running run",
    arguments: [
      ChangeArgument(
        "metric", "KEY", .word(Metric.adjustable.map(\.rawValue)), "which schedule",
        isNeeded: true),
      ChangeArgument(
        "value", "VALUE", .target,
        "the new value, x0.3 for 0.3 times the recipe's schedule, or 'recipe' for that schedule",
        wordForNone: "recipe"),
      ChangeArgument(
        "over", "STEPS", .count(0...100_000_000),
        "number of steps to change it over; by default at once", option: "over"),
      ChangeArgument(
        "shape", "linear|cosine", .word(RampShape.allCases.map(\.rawValue)),
        "how it moves over these steps; by default linearly", option: "shape"),
      ChangeArgument(
        "at", "STEP|+N", .step(1...Sample.steps.upperBound),
        "the first step that it affects, or how many steps from now; by default the next",
        option: "at"),
      ChangeArgument(
        "force", "", .flag, "take a value that would probably ruin the run", option: "force"),
    ],
    make: { values throws(ChangeRefusal) in
      guard let metric = values.text("metric").flatMap(Metric.init(rawValue:)) else {
        throw ChangeRefusal("set needs metric: which schedule")
      }
      var set = SetSchedule(metric, target: values["value"])
      if let reason = metric.refusal(of: set.value) { throw ChangeRefusal(reason) }
      (set.over, set.start) = (values.count("over"), values["at"]?.start)
      set.shape = values.text("shape").flatMap(RampShape.init)
      guard set.shape == nil || set.over ?? 0 > 1 else {
        throw ChangeRefusal("shape needs over: the number of steps to change it over")
      }
      set.isForced = values.number("force") == 1
      return .set(set)
    },
    values: { change in
      guard case .set(let set) = change else { return [:] }
      var values = ChangeValues(
        [
          "over": set.over.map(Double.init),
          "force": set.isForced ? 1 : nil,
        ],
        texts: ["metric": set.metric.rawValue])
      values["shape"] = set.shape.map { .text($0.rawValue) }
      values["value"] = set.targetValue
      values["at"] = set.start?.value
      return values
    },
    words: { change in
      guard case .set(let set) = change else { return "" }
      let span = set.over.map { $0 == 0 ? "" : " over \(Format.count($0, "step"))" } ?? ""
      let shape = set.shape == .cosine ? " along a cosine" : ""
      let start =
        switch set.start {
        case .at(let step): " from step \(Format.count(step)) on"
        case .after(let steps): " in \(Format.count(steps, "step"))"
        case nil: ""
        }
      return "\(set.metric.rawValue) \(set.words)\(span)\(shape)\(start)"
    },
    inverse: { entry, earlier in
      entry.set.map { .set($0.inverse(at: entry.step, after: earlier)) }
    })
}

extension SetSchedule {
  /// The target in the words of a change's description.
  var words: String {
    value == nil && factor == nil ? "back to the recipe" : "to \(target)"
  }

  /// Returns the change that restores what the schedule followed before this one, made at a step: the
  /// target of the change before it, or else the recipe. A change that was to begin later has not been
  /// followed.
  func inverse(at step: Int, after earlier: [JournalEntry]) -> SetSchedule {
    let before = earlier.last { $0.step <= step && $0.scheduleSet == metric }?.set
    return SetSchedule(metric, to: before?.value, factor: before?.factor, over: over, shape: shape)
  }
}
