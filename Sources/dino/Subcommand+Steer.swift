import CommandKit
import FoundationEssentials
import History
import Run
import Screen
import Support
import Wire

#if canImport(Glibc)
  import Glibc
#endif

extension Subcommand {
  /// A command for each kind of change, by name.
  static let changes: [String: Subcommand] = Dictionary(
    uniqueKeysWithValues: Change.kinds.map { ($0.name, change($0)) })

  /// Creates the command for a kind of change. Positional arguments follow the run's name; the
  /// others are options.
  private static func change(_ kind: ChangeKind) -> Subcommand {
    let placed = kind.arguments.filter { $0.option == nil }
    let options = kind.arguments.compactMap { argument in
      argument.option.map { name in
        if case .flag = argument.form { return Option("--\(name)", nil, argument.meaning) }
        return Option("--\(name)", argument.placeholder, argument.meaning)
      }
    }
    // Several schedules can be set at once.
    let isRepeated = kind.name == ChangeKind.set.name
    let repeats = isRepeated ? Metric.adjustable.count : 1
    let operands = ["[NAME]"] + placed.map(\.placeholder) + (isRepeated ? ["…"] : [])
    return Subcommand(
      name: kind.name, operands: operands.joined(separator: " "),
      count: max(placed.count - 1, 0)...placed.count * repeats + 1, summary: kind.summary,
      options: options + [previewing, json, host, directory],
      details: details(placed)
    ) { arguments in
      let (name, groups) = try split(arguments.operands, kind, placed)
      let changes = try groups.map { try typed(kind, $0, arguments) }
      let change = try together(changes)
      if name == nil, placed.count == 1 { try refuseRunAsText(groups[0][0], kind, arguments) }
      let run = try RunSelection.training(name, arguments)
      if arguments.has("--preview") { return try showPreview(of: change, run, arguments) }
      guard !arguments.has("--json") else { throw UsageError("--json needs --preview") }
      return try make(change, of: run, arguments)
    }
  }

  /// Returns the run's name, if operands begin with one, and the words of each change.
  private static func split(
    _ operands: [String], _ kind: ChangeKind, _ placed: [ChangeArgument]
  ) throws(UsageError) -> (name: String?, groups: [[String]]) {
    guard !placed.isEmpty else { return (operands.first, [[]]) }
    let words = operands.flatMap { pair($0, placed) ?? [$0] }
    let hasName = placed.count == 1 ? words.count > 1 : words.count % placed.count == 1
    let values = Array(words.dropFirst(hasName ? 1 : 0))
    guard values.count >= placed.count else {
      let needed = placed.map(\.placeholder).joined(separator: " ")
      throw UsageError("\(kind.name) needs \(needed); see dino \(kind.name) --help")
    }
    let groups = stride(from: 0, to: values.count, by: placed.count).map {
      Array(values[$0..<min($0 + placed.count, values.count)])
    }
    return (hasName ? words[0] : nil, groups)
  }

  /// Returns one change of several: all of them are made, or none.
  private static func together(_ changes: [Change]) throws(UsageError) -> Change {
    guard changes.count > 1 else { return changes[0] }
    let lines = changes.map(\.line).joined(separator: "; ")
    do {
      return try ChangeKind.together.change(typed: ["changes": lines])
    } catch {
      throw UsageError("\(error)")
    }
  }

  /// Returns the change that a change's words and the options describe.
  private static func typed(
    _ kind: ChangeKind, _ words: [String], _ arguments: Arguments
  ) throws(UsageError) -> Change {
    let placed = kind.arguments.filter { $0.option == nil }
    var typed: [String: String] = [:]
    for (argument, word) in zip(placed, words) { typed[argument.name] = word }
    for argument in kind.arguments {
      guard let option = argument.option, arguments.has("--\(option)") else { continue }
      typed[argument.name] = arguments.value("--\(option)") ?? ""
    }
    do {
      return try kind.change(typed: typed)
    } catch {
      throw UsageError("\(error)")
    }
  }

  /// Returns the two words of `lr=1e-4` where a schedule and its value belong; `nil` for other words.
  private static func pair(_ word: String, _ placed: [ChangeArgument]) -> [String]? {
    guard placed.count == 2, case .word(let names) = placed[0].form,
      let equals = word.firstIndex(of: "="), names.contains(String(word[..<equals]))
    else { return nil }
    return [String(word[..<equals]), String(word[word.index(after: equals)...])]
  }

  /// Refuses a run's name where the change's own argument seems to be forgotten.
  private static func refuseRunAsText(
    _ word: String, _ kind: ChangeKind, _ arguments: Arguments
  ) throws(UsageError) {
    let run = RunDirectory(name: word, parent: arguments.value("--dir"))
    guard !word.isEmpty, !word.contains("/"), run.exists else { return }
    throw UsageError(
      "'\(word)' is a run; \(kind.name) needs \(kind.arguments[0].placeholder) after it")
  }

  /// Returns the help's paragraphs on the positional arguments.
  private static func details(_ arguments: [ChangeArgument]) -> String {
    arguments.map { argument in
      if case .word(let words) = argument.form {
        return "\(argument.placeholder) is one of\n  " + words.joined(separator: "\n  ")
      }
      return "\(argument.placeholder) is \(argument.meaning)."
    }.joined(separator: "\n")
  }

  /// Requests a change, waits until it is applied, and prints the step and the command that undoes
  /// it.
  private static func make(
    _ change: Change, of run: FoundRun, _ arguments: Arguments
  ) throws -> Int32 {
    let reply = try answer(.change(change), of: run)
    if change == .stop, reply?.outcome != .rejected { return try waitForEnd(of: run) }
    printApplied(try taken(reply, change.summary, run), change.summary, run, arguments)
    return 0
  }

  /// Prints what a reply says was applied, what should be known besides, and the command that undoes
  /// it.
  static func printApplied(
    _ reply: Reply, _ what: String, _ run: FoundRun, _ arguments: Arguments
  ) {
    let step = reply.step.map { " at step \(Format.count($0))" } ?? ""
    print("\(run.name): \(what): applied\(step)")
    if let note = reply.reason { print("  note   \(note)") }
    guard let undo = reply.undo else { return }
    let isLong = if case .together = undo { true } else { false }
    print(
      "  undo   dino \(isLong ? "undo \(run.name)" : undo.commandLine(run.name))\(RunSelection.options(arguments))"
    )
  }

  /// Returns the daemon's reply. Throws if the request was rejected or the daemon ended.
  static func taken(_ reply: Reply?, _ what: String, _ run: FoundRun) throws(Failure) -> Reply {
    guard let reply else {
      throw Failure(
        "\(what): the daemon ended before it answered; see dino log \(run.name)")
    }
    guard reply.outcome != .rejected else {
      throw Failure("\(what) was rejected: \(reply.reason ?? "no reason given")")
    }
    return reply
  }

  /// Waits until a run's daemon has ended. Returns what is known of the run then.
  private static func lastSummary(of run: FoundRun) throws -> RunSummary {
    while let directory = run.place.directory {
      if RunLock.holder(of: directory) == nil { return try directory.outline() }
      usleep(20_000)
    }
    while true {
      let record = try run.record()
      if !record.status.state.isAlive { return RunSummary(record, isTraining: false) }
      usleep(200_000)
    }
  }

  /// Waits until a stopped run is saved and its daemon has ended, so that it can be resumed at
  /// once. Prints how it ended.
  private static func waitForEnd(of run: FoundRun) throws -> Int32 {
    let summary = try lastSummary(of: run)
    let name = run.name
    guard summary.isWell else {
      throw Failure("\(name) \(summary.state): \(summary.status.message ?? "see dino log \(name)")")
    }
    print("\(name): \(summary.state) after step \(Format.count(summary.status.step))")
    return 0
  }

  /// Sends a request and waits for the final reply, however long the current step takes. Returns
  /// `nil` if the daemon ends first.
  /// A command with an `id` that the daemon knows is not carried out again.
  static func answer(
    _ request: Command.Request, of run: FoundRun, id: String = UUID().uuidString
  ) throws -> Reply? {
    do {
      return try RunClient.request(
        request, at: run.place.endpoints, client: ClientName.of("dino \(request.verb)"), id: id,
        timeout: 10, patience: nil, isAlive: { run.place.isAnswered })
    } catch {
      guard run.place.isAnswered else { return nil }
      guard run.place.directory != nil else { throw error }
      throw Failure("the daemon of \(run.name) does not answer; is it stopped or stuck?")
    }
  }
}
