import CommandKit
import Support

extension Subcommand {
  static let checkpoints = Subcommand(
    name: "checkpoints", operands: "[NAME]", count: 0...1,
    summary: "list the checkpoints of a run, and why each is kept",
    options: [json, host, directory]
  ) { arguments in
    let run = try RunSelection.any(arguments.operands.first, arguments)
    let list = CheckpointList(try CheckpointList.rows(at: run.place))
    if arguments.has("--json") {
      print(try JSONText.pretty(list.rows))
    } else if list.rows.isEmpty {
      print("\(run.name) has no checkpoint yet")
    } else {
      print(list.table)
    }
    return 0
  }
}
