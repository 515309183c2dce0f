import Run
import Support

/// Returns what a change costs that cannot be taken back, in two lines.
func cost(of change: Change, _ view: RunView) -> [String] {
  let status = view.record.status
  switch change {
  case .back:
    return [
      "\(Format.count(status.phase.step, "step")) of phase \(status.phase.name) are dropped,",
      "and the run goes on before it.",
    ]
  case .rewind(let rewind):
    let dropped = rewind.to.map { Format.count(max(status.step - $0, 0), "step") }
    return [
      "\(dropped ?? "The steps since the checkpoint") are dropped and",
      "computed again; dino rewind --preview counts them.",
    ]
  default:
    return view.isCuration
      ? ["The stage ends after the images at hand. The same", "'dinod curate' goes on from there."]
      : [
        "A checkpoint is written at step \(Format.count(status.step)), then the",
        "daemon ends. 'dino start' resumes the run.",
      ]
  }
}
