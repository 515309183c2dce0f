import CommandKit
import History
import Run
import Screen
import Support
import Wire

#if canImport(Glibc)
  import Glibc
#endif

extension Subcommand {
  static let pause = steer(.pause, "pause a run after the step that is being computed")
  static let resume = steer(.resume, "let a paused run go on")
  static let checkpoint = steer(.checkpoint, "write a checkpoint now")
  static let stop = steer(.stop, "write a checkpoint and end the run; dino start resumes it")

  static let set = Subcommand(
    name: "set", operands: "[NAME] KEY VALUE", count: 2...3,
    summary: "change a schedule while the run goes on",
    options: [
      Option("--over", "STEPS", "go there evenly over so many steps, not at once"), directory,
    ],
    details: "KEY is one of\n  "
      + Metric.adjustable.map(\.rawValue).joined(separator: "\n  ")
      + "\nVALUE is a number, or 'recipe' to return to the recipe's schedule."
  ) { arguments in
    let words = arguments.operands.suffix(2)
    let change: ScheduleChange
    do {
      change = try ScheduleChange(
        key: words.first!, value: words.last!, over: arguments.value("--over") ?? "")
    } catch {
      throw UsageError("\(error)")
    }
    let name = arguments.operands.count == 3 ? arguments.operands[0] : nil
    return try send(.set, change, to: try RunChoice.alive(name, arguments))
  }

  /// A command of one word for a run.
  private static func steer(_ verb: Command.Verb, _ summary: String) -> Subcommand {
    Subcommand(
      name: verb.rawValue, operands: "[NAME]", count: 0...1, summary: summary,
      options: [directory]
    ) { arguments in
      try send(verb, nil, to: try RunChoice.alive(arguments.operands.first, arguments))
    }
  }

  /// Sends a command, waits until it is carried out and says when it was.
  private static func send(
    _ verb: Command.Verb, _ change: ScheduleChange?, to run: FoundRun
  ) throws -> Int32 {
    let what = verb.rawValue + (change.map { " \($0.summary)" } ?? "")
    let reply = try answer(verb, of: run) {
      try $0.send(verb, key: change?.metric.rawValue, value: change?.value, over: change?.over)
    }
    if verb == .stop, reply?.outcome != .rejected { return try waitForEnd(of: run) }
    let step = try taken(reply, what, run).step.map { " at step \(Format.count($0))" } ?? ""
    print("\(run.directory.name): \(what): applied\(step)")
    return 0
  }

  /// A last word that is not a refusal.
  static func taken(_ reply: Reply?, _ what: String, _ run: FoundRun) throws(Failure) -> Reply {
    guard let reply else {
      throw Failure(
        "\(what): the daemon ended before it answered; see dino log \(run.directory.name)")
    }
    guard reply.outcome != .rejected else {
      throw Failure("\(what) was rejected: \(reply.reason ?? "no reason given")")
    }
    return reply
  }

  /// Waits until a run that was told to stop is saved and its daemon gone, so that it can be taken
  /// up at once; says how it ended.
  private static func waitForEnd(of run: FoundRun) throws -> Int32 {
    while RunLock.holder(of: run.directory) != nil { usleep(20_000) }
    let summary = try FoundRun(run.directory).outline()
    let name = run.directory.name
    guard summary.isWell else {
      throw Failure("\(name) \(summary.state): \(summary.status.message ?? "see dino log \(name)")")
    }
    print("\(name): \(summary.state) after step \(Format.count(summary.status.step))")
    return 0
  }

  /// The daemon's last word on a command, however long its step takes; nil where it ends before.
  static func answer(
    _ verb: Command.Verb, of run: FoundRun, sending: (RunClient) throws -> String
  ) throws -> Reply? {
    let client = try RunClient(
      endpoints: RunEndpoints(run.directory), client: ClientName.of("dino \(verb.rawValue)"))
    defer { client.close() }
    let deadline = now() + 10
    var id: String?
    while RunLock.holder(of: run.directory) != nil {
      for event in try client.poll() {
        switch event {
        case .connected where id == nil:
          id = try sending(client)
        case .reply(let reply) where reply.id == id && reply.outcome != .accepted:
          return reply
        default: break
        }
      }
      if id == nil, now() > deadline {
        throw Failure(
          "the daemon of \(run.directory.name) does not answer; is it stopped or stuck?")
      }
      var file = pollfd(fd: client.fileDescriptor, events: Int16(POLLIN), revents: 0)
      _ = Glibc.poll(&file, 1, 250)
    }
    return nil
  }
}
