import Support

extension ChangeKind {
  /// Moves several schedules at once.
  package static let together = ChangeKind(
    "together", "change several schedules: all of them or none", verb: "set",
    arguments: [
      ChangeArgument(
        "changes", "'set …; set …'", .text(limit: 2048),
        "set commands without the run's name, with semicolons between them", isNeeded: true)
    ],
    make: { values throws(ChangeRefusal) in
      let sets = try (values.text("changes") ?? "").split(separator: ";").map {
        (line) throws(ChangeRefusal) -> SetSchedule in
        let change = try Change(line: String(line))
        guard case .set(let set) = change else {
          throw ChangeRefusal("\(change.kind.command) cannot be done together with others; set can")
        }
        return set
      }
      guard sets.count > 1 else {
        throw ChangeRefusal("give two set commands or more, with semicolons between them")
      }
      if let twice = Metric.adjustable.first(where: { key in
        sets.count { $0.metric == key } > 1
      }) {
        throw ChangeRefusal("\(twice.rawValue) is set twice; give each schedule once")
      }
      return .together(sets)
    },
    values: { change in
      guard case .together(let sets) = change else { return [:] }
      return ["changes": .text(sets.map { Change.set($0).line }.joined(separator: "; "))]
    },
    words: { change in
      guard case .together(let sets) = change else { return "" }
      return sets.map { ChangeKind.set.words(.set($0)) }.joined(separator: ", ")
    })
}
