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
        "value", "VALUE", .number(nil), "the new value, or 'recipe' for the recipe's schedule",
        wordForNone: "recipe"),
      ChangeArgument(
        "over", "STEPS", .count(0...100_000_000),
        "number of steps to change it over, linearly; by default at once", option: "over"),
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
      let value = values.number("value")
      if let reason = metric.refusal(of: value) { throw ChangeRefusal(reason) }
      return .set(
        SetSchedule(
          metric, to: value, over: values.count("over"), at: values["at"]?.start,
          isForced: values.number("force") == 1))
    },
    values: { change in
      guard case .set(let set) = change else { return [:] }
      var values = ChangeValues(
        [
          "value": set.value, "over": set.over.map(Double.init),
          "force": set.isForced ? 1 : nil,
        ],
        texts: ["metric": set.metric.rawValue])
      values["at"] = set.start?.value
      return values
    },
    words: { change in
      guard case .set(let set) = change else { return "" }
      let target = set.value.map { "to \(Format.number($0))" } ?? "back to the recipe"
      let span = set.over.map { $0 == 0 ? "" : " over \(Format.count($0, "step"))" } ?? ""
      let start =
        switch set.start {
        case .at(let step): " from step \(Format.count(step)) on"
        case .after(let steps): " in \(Format.count(steps, "step"))"
        case nil: ""
        }
      return "\(set.metric.rawValue) \(target)\(span)\(start)"
    },
    inverse: { entry, earlier in
      guard case .set(let set) = entry.change else { return nil }
      // Restore what the schedule followed before: the previous `set` value, or else the recipe. One
      // that was to begin later has not been followed.
      let felt = earlier.filter { $0.step <= entry.step }
      for case .set(let before) in felt.reversed().map(\.change)
      where before.metric == set.metric {
        return .set(SetSchedule(set.metric, to: before.value, over: set.over))
      }
      return .set(SetSchedule(set.metric, to: nil, over: set.over))
    })
}
