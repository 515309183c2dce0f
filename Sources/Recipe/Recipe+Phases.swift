import Settings

extension Recipe {
  /// The phases in order: those of `phases`, or a single one that is the whole run.
  package var phaseDefinitions: [PhaseDefinition] {
    phases.isEmpty ? [isDistilled ? .distillation : .pretrain] : phases
  }

  /// Returns the recipe of a phase: this one with the phase's overrides, its length, and its
  /// warm-ups scaled by the ratio of the phase's length to this recipe's. Throws if the definition
  /// contradicts itself or the result is invalid.
  package func resolved(
    for phase: PhaseDefinition, at place: SettingLocation = .program
  ) throws(SettingError) -> Recipe {
    func refusal(_ message: String) -> SettingError {
      SettingError(place: place, key: "phase \(phase.name)", message: message)
    }
    if let problem = phase.contradiction { throw refusal(problem) }
    var recipe = self
    recipe.phases = []
    recipe.scaleSchedules(to: phase, of: self)
    do throws(SettingError) {
      var reader = RecipeReader(recipe)
      for override in phase.overrides {
        try reader.read(override: "\(override.key)=\(override.text)")
      }
      recipe = try reader.finish()
    } catch {
      throw refusal([error.key, error.message].compactMap(\.self).joined(separator: ": "))
    }
    recipe.notices = []
    return recipe
  }

  /// Returns a notice if the teacher would stand still in a later phase, because the phase
  /// continues a momentum schedule that ends at 1; `nil` otherwise.
  func emptyPhaseNotice(in phase: PhaseDefinition) -> String? {
    guard !phase.compress.contains(.momentumTeacher), teacher.finalMomentumTeacher == 1,
      !isDistilled
    else { return nil }
    return "momentum_teacher has reached 1, so the teacher no longer changes; compress it, too"
  }

  private mutating func scaleSchedules(to phase: PhaseDefinition, of whole: Recipe) {
    if let steps = phase.steps {
      optim.epochs = Double(steps) / Double(train.officialEpochLength)
    } else if let epochs = phase.text(of: "optim.epochs").flatMap(Double.init) {
      optim.epochs = epochs
    }
    let factor = optim.epochs / whole.optim.epochs
    // A warm-up as long as the run stays as long as the phase, even if rounding makes the product
    // longer.
    func scaled(_ epochs: Double) -> Double {
      epochs <= whole.optim.epochs ? min(epochs * factor, optim.epochs) : epochs * factor
    }
    optim.warmupEpochs = scaled(optim.warmupEpochs)
    optim.freezeLastLayerEpochs = scaled(optim.freezeLastLayerEpochs)
    teacher.warmupTeacherTempEpochs = scaled(teacher.warmupTeacherTempEpochs)
    optim.baseLr *= phase.baseLrFactor
  }
}

extension PhaseDefinition {
  /// A description of settings that contradict each other; `nil` if there are none.
  fileprivate var contradiction: String? {
    if steps != nil && text(of: "optim.epochs") != nil {
      return "give steps or optim.epochs, not both"
    }
    if baseLrFactor != 1 && text(of: "optim.base_lr") != nil {
      return "give base_lr_factor or optim.base_lr, not both"
    }
    for schedule in PhaseSchedule.allCases where !compress.contains(schedule) {
      if schedule == .lr && baseLrFactor != 1 {
        return "base_lr_factor has no effect unless compress has lr"
      }
      if let key = schedule.keys.first(where: { text(of: $0) != nil }) {
        return "\(key) has no effect unless compress has \(schedule.rawValue)"
      }
    }
    return nil
  }
}
