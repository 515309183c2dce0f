import Support

extension ChangeKind {
  /// Takes or gives back control of the run.
  package static let control = ChangeKind(
    "control", "be the only one who changes the run, or let others again",
    arguments: [
      ChangeArgument(
        "action", "take|release", .word(Control.Action.allCases.map(\.rawValue)),
        "take control, or release it", isNeeded: true),
      ChangeArgument(
        "minutes", "N", .count(1...10_080),
        "how long control lasts after your last change; by default 60", option: "minutes"),
      ChangeArgument(
        "force", "", .flag, "take it from, or release it for, somebody else", option: "force"),
    ],
    make: { values throws(ChangeRefusal) in
      guard let action = values.text("action").flatMap(Control.Action.init(rawValue:)) else {
        throw ChangeRefusal("control needs action: take or release")
      }
      let minutes = values.count("minutes")
      guard action == .take || minutes == nil else {
        throw ChangeRefusal("minutes belong to take; release ends control at once")
      }
      return .control(
        Control(action, minutes: minutes, isForced: values.number("force") == 1))
    },
    values: { change in
      guard case .control(let control) = change else { return [:] }
      return ChangeValues(
        [
          "minutes": control.minutes.map(Double.init), "force": control.isForced ? 1 : nil,
        ], texts: ["action": control.action.rawValue])
    },
    words: { change in
      guard case .control(let control) = change else { return "" }
      let span = control.minutes.map { " for \(Format.count($0, "minute"))" } ?? ""
      return control.action.rawValue + span + (control.isForced ? " by force" : "")
    })
}
