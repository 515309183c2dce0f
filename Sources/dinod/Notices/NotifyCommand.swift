import CommandKit
import Notices
import Support

extension Subcommand {
  static let notify = Subcommand(
    name: "notify", operands: "[NAME …]", count: 0...16,
    summary: "list whom runs can tell, or send a test to some of them",
    options: [],
    details: """
      Destinations are lines NAME KIND TARGET in the file notify of the configuration folder, which only
      you may read. A recipe names them in notify.to. KIND is one of
        json     POST of a JSON object to an address
        ntfy, slack, discord
                 POST to a topic of ntfy or to a webhook of Slack or Discord
        mail     an address, through the system's sendmail
        command  a command of the shell, with the JSON object in its input and DINO_EVENT, DINO_RUN,
                 DINO_STEP and DINO_TEXT in its environment
      """
  ) { arguments in
    let all = try Destination.read()
    guard !arguments.operands.isEmpty else {
      guard !all.isEmpty else {
        print("nobody can be told yet; add lines NAME KIND TARGET to \(Destination.file)")
        return 0
      }
      print(
        TextTable(
          [("NAME", .left), ("KIND", .left)], all.map { [$0.name, $0.kind.rawValue] }
        ).text)
      return 0
    }
    var isWell = true
    for destination in try Destination.named(arguments.operands, in: all) {
      let notice = Notice(
        .test, run: "no run", step: 0, text: "this is a test; alarms of runs will look like it")
      let folder = PartialPath.claim((Environment.value("TMPDIR") ?? "/tmp") + "/dino-notify")
      defer { try? FileSystem.remove(folder) }
      let outbox = Outbox(folder: folder)
      var item = try outbox.add(notice, for: [destination.name])[0]
      try outbox.begin(&item)
      switch destination.deliver(item, in: outbox) {
      case .delivered: print("\(destination.name): delivered")
      case .failed(let reason), .refused(let reason):
        print("\(destination.name): not delivered: \(reason)")
        isWell = false
      }
    }
    return isWell ? 0 : 1
  }
}

extension Destination {
  /// Returns the destinations of some names. Throws if one is not known.
  static func named(_ names: [String], in all: [Destination]) throws -> [Destination] {
    try names.map { name in
      if let found = all.first(where: { $0.name == name }) { return found }
      let near =
        nearestName(to: name, among: all.map(\.name)).map { "did you mean '\($0)'? " } ?? ""
      throw RunError.file(
        "notify.to: '\(name)' is no destination; \(near)add a line NAME KIND TARGET to "
          + Destination.file)
    }
  }
}
