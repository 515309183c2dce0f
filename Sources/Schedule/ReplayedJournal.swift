import Recipe
import Run
import Settings

extension Journal {
  /// Returns the changes that a replay of the run makes again: those in force that decide what is
  /// computed, and notes. The result is the journal with which the replay begins.
  ///
  /// If a change is left out, those after it to the same schedule begin at other values, which are
  /// computed here. Without one left out, all are as they were.
  ///
  /// - Parameter dropped: The ids of changes that are left out.
  package func replayed(
    _ recipe: Recipe, without dropped: Set<String> = []
  ) throws(SettingError) -> Journal {
    var plan = SchedulePlan(recipe)
    var replayed = Journal()
    for entry in inForce where !dropped.contains(entry.id) {
      var entry = entry
      switch entry.change {
      case .set, .rewind:
        guard let set = entry.set else { continue }
        // A replay computes no step twice; of a rewind it needs the schedule.
        entry.change = .set(set)
        entry.effect = .from(plan.adjust(set, from: entry.step).old)
      case .phase where !entry.isPlanned:
        guard case .phases(let definitions) = entry.effect else { continue }
        try plan.enter(PhaseDefinition.list(definitions), at: entry.step)
      case .note: break
      default: continue
      }
      replayed.append(entry)
    }
    return replayed
  }

  /// Returns the ids of changes that a replay can leave out and that begin with a text, as
  /// `dino log --changes` shows them.
  package func replayable(beginningWith text: String) -> [String] {
    inForce.filter { entry in
      guard entry.id.hasPrefix(text) || Journal.short(entry.id) == text else { return false }
      return switch entry.change {
      case .set: true
      case .rewind: entry.set != nil
      case .phase: !entry.isPlanned
      default: false
      }
    }.map(\.id)
  }
}
