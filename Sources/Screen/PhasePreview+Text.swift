import Run
import Support

extension PhasePreview {
  /// A one-line summary of the change.
  package var headline: String {
    let sizes = phase.crops()
    guard let dropped else {
      return "phase \(phase.name) from step \(Format.count(first)) on: "
        + "\(Format.count(phase.steps, "step")), \(sizes), batch \(imagesPerStep)"
    }
    return "back to phase \(phase.name), \(sizes), at its step \(Format.count(phase.step)), "
      + "dropping \(Format.count(dropped, "step"))"
  }

  /// The costs of the change as labelled values.
  package var rows: [(String, String)] {
    let memory = Format.bytes(Double(memoryNeeded))
    var rows = [
      (
        "memory",
        memory + (memoryAvailable.map { " of \(Format.bytes(Double($0))) available" } ?? "")
      )
    ]
    if let refusal { rows.append(("refused", refusal)) }
    if let stepSeconds {
      let origin = isMeasured ? "measured by a trial step" : "scaled by operations, not measured"
      rows.append(("step", "\(Format.interval(stepSeconds)), \(origin)"))
    }
    if let givenUp {
      rows.append(("gives up", "the \(Format.count(givenUp, "step")) left of the present phase"))
    }
    if let phaseSeconds { rows.append(("phase", Format.duration(phaseSeconds))) }
    if let timeLeft { rows.append(("time left", Format.duration(timeLeft))) }
    rows.append(("steps", "\(Format.count(steps)) in the whole run"))
    return rows
  }
}
