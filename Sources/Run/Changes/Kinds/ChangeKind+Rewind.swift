import Support

extension ChangeKind {
  /// Goes back to a checkpoint of the present phase.
  package static let rewind = ChangeKind(
    "rewind", "go back to a checkpoint of the current phase and compute its steps again",
    arguments: [
      ChangeArgument(
        "to", "STEP", .count(1...Sample.steps.upperBound),
        "the checkpoint's step; by default the newest that is known to be good", option: "to"),
      ChangeArgument(
        "metric", "KEY", .word(Metric.adjustable.map(\.rawValue)),
        "a schedule to change from there on", option: "set"),
      ChangeArgument(
        "value", "VALUE", .target,
        "its new value, or x0.3 for 0.3 times what it was there", option: "value"),
    ],
    make: { values throws(ChangeRefusal) in
      let metric = values.text("metric").flatMap(Metric.init(rawValue:))
      guard (metric == nil) == (values["value"] == nil) else {
        throw ChangeRefusal("--set and --value go together: a schedule and its new value")
      }
      let set = metric.map { SetSchedule($0, target: values["value"]) }
      if let set, let reason = set.metric.refusal(of: set.value) { throw ChangeRefusal(reason) }
      return .rewind(Rewind(to: values.count("to"), set: set))
    },
    values: { change in
      guard case .rewind(let rewind) = change else { return [:] }
      var values = ChangeValues(
        ["to": rewind.to.map(Double.init)], texts: ["metric": rewind.set?.metric.rawValue])
      values["value"] = rewind.set?.targetValue
      return values
    },
    words: { change in
      guard case .rewind(let rewind) = change else { return "" }
      let place = rewind.to.map { "to step \(Format.count($0))" } ?? "to the last good checkpoint"
      return place + (rewind.set.map { ", \($0.metric.rawValue) \($0.words)" } ?? "")
    },
    inverse: { entry, earlier in
      entry.set.map { .set($0.inverse(at: entry.step, after: earlier)) }
    })
}
