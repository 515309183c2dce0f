import FoundationEssentials
import Recipe
import Run
import Schedule
import Store

extension JournalEntry {
  /// Who began a phase that began as planned.
  static let planned = reservedClient

  /// The change of a schedule that the entry records, if it records one.
  var adjustment: SchedulePlan.Adjustment? {
    guard command == "set", let metric = key.flatMap(Metric.init(rawValue:)), let old else {
      return nil
    }
    return SchedulePlan.Adjustment(metric: metric, step: step, old: old, new: new, over: over ?? 0)
  }
}

extension SchedulePlan {
  /// The plan of a recipe with what a run's journal changed in it, in the order of the commands. That a
  /// planned phase began follows from the recipe, and changes nothing.
  package init(_ recipe: Recipe, journal: [JournalEntry]) throws(RecipeError) {
    self.init(recipe)
    for entry in journal {
      if let change = entry.adjustment { replay(change) }
      if entry.command == "phase", entry.client != JournalEntry.planned,
        let definition = entry.definition
      {
        try enter(PhaseDefinition.list(definition), at: entry.step)
      }
    }
  }
}

extension [JournalEntry] {
  /// This journal, a checkpoint's, with what was commanded after it, in the order of the commands:
  /// of two changes to a schedule the later command counts, though a run that went back to a
  /// checkpoint in between may feel it at an earlier step.
  func merging(_ other: [JournalEntry]) -> [JournalEntry] {
    let known = Set(map(\.id))
    return self + other.filter { !known.contains($0.id) }
  }

  /// As a checkpoint keeps it.
  var json: String {
    String(decoding: (try? JSONEncoder().encode(self)) ?? Data("[]".utf8), as: UTF8.self)
  }
}

extension Checkpoint {
  static let journalFile = "journal.json"

  /// The commands that had been carried out.
  package var journal: [JournalEntry] {
    get throws {
      try JSONDecoder().decode(
        [JournalEntry].self, from: Data(try text(Self.journalFile).utf8))
    }
  }
}
