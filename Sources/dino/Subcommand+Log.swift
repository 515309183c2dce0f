import CommandKit
import History
import Run
import Screen
import Support

extension Subcommand {
  static let log = Subcommand(
    name: "log", operands: "[NAME]", count: 0...1, summary: "print the log of a run",
    options: [Option("--lines", "N", "only the last N events"), json, directory]
  ) { arguments in
    let limit = try arguments.integer("--lines", in: 1...Int.max) ?? .max
    let run = try RunSelection.any(arguments.operands.first, arguments)
    let events = try HistoryReader(directory: run.directory).events(limit: limit)
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
}
