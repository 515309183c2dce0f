import CommandKit
import Control
import Run
import Screen
import Support
import Wire

extension Subcommand {
  static let undo = Subcommand(
    name: "undo", operands: "[NAME] [ID]", count: 0...2,
    summary: "take back a change from now on: the last one, or the one whose id begins so",
    options: [previewing, json, host, directory],
    details: """
      Without ID, the last change of a schedule or of the resolution that was not taken back yet.
      dino log NAME --changes lists the ids. Taking back is itself a change, with a line in the
      journal; what was trained meanwhile stays, except that taking back a phase drops its steps.
      """
  ) { arguments in
    let (name, id) = target(arguments)
    let run = try RunSelection.training(name, arguments)
    let journal = Journal(try run.record().journal)
    let entry = try id.map { try find($0, in: journal, of: run) } ?? journal.lastUndoable
    guard let entry else {
      throw Failure("\(run.name) has no change that could be taken back; see dino log --changes")
    }
    // One of several that were made together has an id with a number.
    let isOne =
      id.map { Journal.short(entry.id) == $0 && Journal.group(of: entry.id) != nil } ?? false
    let undone = isOne ? entry.id : journal.undoableID(entry)
    guard let change = journal.inverse(of: undone) else {
      throw Failure(
        "\(entry.change.summary) of step \(Format.count(entry.step)) cannot be taken back"
          + (journal.fate(of: entry).map { ": it is \($0)" } ?? ""))
    }
    if arguments.has("--preview") { return try showPreview(of: change, run, arguments) }
    let reply = try taken(
      try answer(.change(change), of: run, id: Journal.undoing(undone)), change.summary, run)
    let step = reply.step.map { " at step \(Format.count($0))" } ?? ""
    let what = journal.entries(of: undone).map(\.change.summary).joined(separator: ", ")
    print(
      "\(run.name): \(what) by \(entry.client), step \(Format.count(entry.step)): "
        + "taken back\(step) by \(change.summary)")
    if let note = reply.reason { print("  note   \(note)") }
    return 0
  }

  /// Returns run and id. A single word is a run if there is one of that name.
  private static func target(_ arguments: Arguments) -> (run: String?, id: String?) {
    let words = arguments.operands
    guard words.count == 1 else { return (words.first, words.last) }
    let isRun =
      words[0].contains(":") || RunCatalogue.named(words[0], in: arguments.value("--dir")) != nil
    return isRun ? (words[0], nil) : (nil, words[0])
  }

  private static func find(
    _ id: String, in journal: Journal, of run: FoundRun
  ) throws(Failure) -> JournalEntry {
    let found = journal.entries.filter {
      !id.isEmpty && ($0.id.hasPrefix(id) || Journal.short($0.id) == id)
    }
    guard Set(found.map { Journal.group(of: $0.id) ?? $0.id }).count == 1 else {
      throw Failure(
        found.isEmpty
          ? "\(run.name) has no change '\(id)'; dino log \(run.name) --changes lists them"
          : "'\(id)' begins the ids of \(found.count) changes; give more of it")
    }
    guard journal.entry(Journal.undoing(found[0].id)) == nil else {
      throw Failure("'\(id)' was taken back already; dino log \(run.name) --changes says when")
    }
    return found[0]
  }
}
