import CommandKit
import Run
import Screen
import Support
import Wire

extension Subcommand {
  static let previewing = Option(
    "--preview", nil, "show what it would do and cost, and change nothing")

  /// Asks what a change would do and prints it. Returns 1 if the change would be refused.
  static func showPreview(
    of change: Change, _ run: FoundRun, _ arguments: Arguments
  ) throws -> Int32 {
    let reply = try taken(try answer(.preview(change), of: run), change.summary, run)
    if let preview = reply.preview {
      print(
        arguments.has("--json") ? try JSONText.pretty(preview) : phaseText(preview, run.name))
      return preview.refusal == nil ? 0 : 1
    }
    guard let preview = reply.expected else {
      throw Failure("the daemon of \(run.name) is too old for previews of \(change.kind.name)")
    }
    print(arguments.has("--json") ? try JSONText.pretty(preview) : text(preview, change, run))
    return preview.refusal == nil ? 0 : 1
  }

  /// Returns a preview as text: lines, and a chart of the schedules that would move.
  private static func text(_ preview: ChangePreview, _ change: Change, _ run: FoundRun) -> String {
    var lines = preview.lines.map { "  " + $0 }
    lines[0] = "\(run.name): \(change.summary): \(preview.lines[0])"
    guard preview.refusal == nil, !preview.before.isEmpty else {
      return lines.joined(separator: "\n")
    }
    var canvas = Canvas(Size(76, 12))
    preview.drawPlans(on: &canvas)
    let chart = (Terminal.showsUnicode ? canvas : canvas.ascii).rows.map { "  " + $0 }
    return (lines + chart).joined(separator: "\n")
  }
}
