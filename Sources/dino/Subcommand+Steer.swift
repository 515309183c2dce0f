import Metrics
import Screen
import Wire

extension Subcommand {
  static let pause = steer(.pause, "pause a run after the step that is being computed")
  static let resume = steer(.resume, "let a paused run go on")
  static let checkpoint = steer(.checkpoint, "write a checkpoint now")
  static let stop = steer(.stop, "write a checkpoint and end the run; dino start resumes it")

  static let set = Subcommand(
    name: "set", arguments: "[NAME] KEY VALUE", count: 2...3,
    summary: "change a schedule: " + Metric.adjustable.map(\.rawValue).joined(separator: ", "),
    options: [
      Option("--over", "STEPS", "go there evenly over so many steps, not at once"), directory,
    ]
  ) { arguments in
    let words = arguments.positional.suffix(2)
    let change: ScheduleChange
    do {
      change = try ScheduleChange(
        key: words.first!, value: words.last!, over: arguments.value("--over") ?? "")
    } catch {
      throw UsageError("\(error)")
    }
    let name = arguments.positional.count == 3 ? arguments.positional[0] : nil
    return try send(.set, change, to: try RunChoice.alive(name, arguments))
  }

  /// A command of one word for a run.
  private static func steer(_ verb: Command.Verb, _ summary: String) -> Subcommand {
    Subcommand(
      name: verb.rawValue, arguments: "[NAME]", count: 0...1, summary: summary,
      options: [directory]
    ) { arguments in
      try send(verb, nil, to: try RunChoice.alive(arguments.positional.first, arguments))
    }
  }

  /// Sends a command, waits until it is carried out and says when it was.
  private static func send(
    _ verb: Command.Verb, _ change: ScheduleChange?, to run: FoundRun
  ) throws -> Int32 {
    let replies = try RunClient.request(
      verb, key: change?.metric.rawValue, value: change?.value, over: change?.over,
      at: RunEndpoints(run.directory), client: ClientName.of("dino \(verb.rawValue)"),
      timeout: patience)
    guard let last = replies.last, last.outcome != .rejected else {
      throw Failure("\(verb.rawValue) was rejected: \(replies.last?.reason ?? "no reason given")")
    }
    let what = verb.rawValue + (change.map { " \($0.summary)" } ?? "")
    let step = last.step.map { " at step \(Format.count($0))" } ?? ""
    print("\(run.directory.name): \(what): applied\(step)")
    return 0
  }

  /// Seconds that a command may take: the longest step, with a checkpoint, on a slow machine.
  private static let patience = 600.0
}
