import CommandKit
import Control
import History
import Run
import Screen
import Support
import Wire

extension Subcommand {
  static let phase = Subcommand(
    name: "phase", operands: "[NAME] [next|back|PHASE]", count: 0...2,
    summary: "train at another resolution from now on, or undo the current phase",
    options: [
      Option("--global-size", "N", "side of the global crops, pixels"),
      Option("--local-size", "N", "side of the local crops, pixels"),
      Option("--steps", "N", "length of the phase in steps"),
      Option("--lr-factor", "X", "factor on the recipe's learning rate"),
      Option("--batch", "N", "images per batch"),
      Option("--name", "P", "name of the phase"),
      previewing, json, host, directory,
    ],
    details: """
      next is the next phase of the recipe, and PHASE one of its phases by name. Without either,
      --global-size and --steps describe a new phase, which the recipe's phases follow. back
      returns to the checkpoint before the current phase. Without operands and options, the phases
      are listed.
      """
  ) { arguments in
    let (name, to) = target(arguments)
    let isBack = to == ChangeKind.back.name
    let request = PhaseRequest(
      to: isBack ? nil : to, name: arguments.value("--name"),
      globalCropsSize: try arguments.integer("--global-size", in: 1...Int.max),
      localCropsSize: try arguments.integer("--local-size", in: 1...Int.max),
      steps: try arguments.integer("--steps", in: 1...Int.max),
      batchSizePerGPU: try arguments.integer("--batch", in: 1...Int.max),
      baseLrFactor: try arguments.positive("--lr-factor"))
    if request == PhaseRequest() && !isBack {
      guard !arguments.has("--preview") else {
        throw UsageError("--preview needs a phase: next, its name, or --global-size and --steps")
      }
      return try list(try RunSelection.any(name, arguments), arguments.has("--json"))
    }
    if isBack && request != PhaseRequest() {
      throw UsageError("back takes no settings of a phase: the checkpoint decides them")
    }
    let change = isBack ? Change.back : .phase(request)
    let run = try RunSelection.training(name, arguments)
    return arguments.has("--preview")
      ? try showPreview(of: change, run, arguments) : try begin(change, run, arguments)
  }

  /// Returns the run and the phase. A single word is a run if a run of that name exists.
  private static func target(_ arguments: Arguments) -> (run: String?, to: String?) {
    let words = arguments.operands
    guard words.count == 1 else { return (words.first, words.last) }
    let word = words[0]
    let isRun =
      !["next", ChangeKind.back.name].contains(word)
      && (word.contains(":") || RunCatalogue.named(word, in: arguments.value("--dir")) != nil)
    return isRun ? (word, nil) : (nil, word)
  }

  private static func begin(
    _ change: Change, _ run: FoundRun, _ arguments: Arguments
  ) throws -> Int32 {
    let reply = try taken(try answer(.change(change), of: run), "phase", run)
    guard !arguments.has("--json") else {
      print(try JSONText.pretty(["step": reply.step]))
      return 0
    }
    printApplied(reply, change == .back ? "phase back" : change.summary, run, arguments)
    return 0
  }

  private static func list(_ run: FoundRun, _ asJSON: Bool) throws -> Int32 {
    let status = try run.record().status
    let phases = status.phases ?? [status.phase]
    guard !asJSON else {
      print(try JSONText.pretty(phases))
      return 0
    }
    let headings: [(title: String, side: TextTable.Side)] = [
      ("", .left), ("PHASE", .left), ("STEP", .right), ("OF", .right), ("GLOBAL PX", .right),
      ("LOCAL PX", .right),
    ]
    print(
      TextTable(
        headings,
        phases.map { phase in
          [
            phase.index == status.phase.index ? "▸" : "", phase.name,
            Format.count(
              phase.index == status.phase.index
                ? status.phase.step : phase.index < status.phase.index ? phase.steps : 0),
            Format.count(phase.steps), String(phase.globalCropsSize),
            phase.localCropsSize > 0 ? String(phase.localCropsSize) : "–",
          ]
        }
      ).text)
    return 0
  }

  /// Returns the preview of a phase as text.
  static func phaseText(_ preview: PhasePreview, _ run: String) -> String {
    run + ": " + preview.headline + "\n" + TextTable(pairs: preview.rows + schedules(preview)).text
  }

  /// Returns the first, highest and last value of each schedule within the phase.
  private static func schedules(_ preview: PhasePreview) -> [(String, String)] {
    let moving: [Metric] = [.lr, .weightDecay, .momentumTeacher, .teacherTemp]
    return preview.plan.filter { moving.contains($0.metric) }.compactMap { curve in
      let points = zip(curve.steps, curve.values)
        .filter { $0.0 >= preview.first && $0.0 < preview.first + preview.phase.steps }
      guard let first = points.first, let last = points.last,
        let top = points.max(by: { $0.1 < $1.1 })
      else { return nil }
      return (
        curve.metric.rawValue,
        "from \(Format.number(first.1)) to \(Format.number(last.1)), highest "
          + "\(Format.number(top.1)) at step \(Format.count(top.0))"
      )
    }
  }
}
