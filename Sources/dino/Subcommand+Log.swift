import CommandKit
import History
import Run
import Screen
import Support

extension Subcommand {
  static let log = Subcommand(
    name: "log", operands: "[NAME]", count: 0...1, summary: "print the log of a run",
    options: [
      Option("--lines", "N", "only the last N events"),
      Option("--changes", nil, "the changes that were made: who, what, and what became of it"),
      json,
      host, directory,
    ]
  ) { arguments in
    let limit = try arguments.integer("--lines", in: 1...Int.max) ?? .max
    let run = try RunSelection.any(arguments.operands.first, arguments)
    if arguments.has("--changes") {
      return try printChanges(of: run, limit: limit, asJSON: arguments.has("--json"))
    }
    let events = try events(of: run, limit: limit)
    if arguments.has("--json") {
      print(try JSONText.pretty(events))
      return 0
    }
    for event in events {
      let step = Format.count(event.step).padded(9, right: true)
      let level = event.level.rawValue.padded(7)
      print(
        "\(Format.date(event.time))  \(step)  \(level)  \(event.kind.padded(10))  \(event.text)")
    }
    return 0
  }

  /// Prints the journal for people. A gate gives the last 1,000 changes.
  private static func printChanges(of run: FoundRun, limit: Int, asJSON: Bool) throws -> Int32 {
    let journal =
      try run.place.directory.map { try HistoryReader(directory: $0).journal() }
      ?? Journal(run.record().journal)
    let shown = journal.entries.suffix(limit)
    if asJSON {
      print(try JSONText.pretty(Array(shown)))
      return 0
    }
    guard !shown.isEmpty else {
      print("nobody has changed \(run.name)")
      return 0
    }
    print(
      TextTable(
        [
          ("TIME", .left), ("STEP", .right), ("ID", .left), ("WHO", .left), ("CHANGE", .left),
          ("", .left),
        ],
        shown.map { entry in
          [
            Format.date(entry.time), Format.count(entry.step), Journal.short(entry.id),
            entry.client,
            entry.change.summary, journal.fate(of: entry) ?? "",
          ]
        }
      ).text)
    return 0
  }

  /// Returns the last events of a run. A gate gives those of a snapshot.
  private static func events(of run: FoundRun, limit: Int) throws -> [RunEvent] {
    guard let directory = run.place.directory else {
      return try run.record().events.suffix(limit)
    }
    return try HistoryReader(directory: directory).events(limit: limit)
  }
}
