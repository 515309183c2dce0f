import Settings

/// A resolution phase as a recipe or a command defines it: its differences from the recipe.
package struct PhaseDefinition: Sendable, Equatable {
  /// The phase's name.
  package var name: String
  /// The number of steps; `nil` to use `optim.epochs` of the phase or the recipe.
  package var steps: Int?
  /// The factor on the recipe's `optim.base_lr`.
  package var baseLrFactor = 1.0
  /// The schedules that are compressed into the phase. The others continue from the previous
  /// phase.
  package var compress = PhaseSchedule.allCases
  /// The keys whose values differ from the recipe's, in the order of `RecipeKey.all`.
  package internal(set) var overrides: [Override] = []

  /// A key of the recipe and its value in the phase, as YAML text.
  package struct Override: Sendable, Equatable {
    package let key: String
    package let text: String
  }

  package init(name: String, steps: Int? = nil) {
    self.name = name
    self.steps = steps
  }

  /// The only phase of a recipe without `phases`: when pretraining, and when distilling.
  package static let pretrain = PhaseDefinition(name: "pretrain")
  package static let distillation = PhaseDefinition(name: "distillation")

  /// Returns the value that the phase gives to a key; `nil` if it keeps the recipe's.
  package func text(of key: String) -> String? { overrides.first { $0.key == key }?.text }

  /// Removes the override of a key.
  package mutating func remove(_ key: String) { overrides.removeAll { $0.key == key } }
}

/// A schedule that a phase can compress into its steps or continue.
package enum PhaseSchedule: String, Sendable, CaseIterable {
  case lr
  case weightDecay = "weight_decay"
  case momentumTeacher = "momentum_teacher"
  case teacherTemp = "teacher_temp"

  /// The keys that have no effect in a phase that continues the schedule.
  var keys: [String] {
    switch self {
    case .lr:
      [
        "optim.base_lr", "optim.warmup_epochs", "optim.min_lr", "optim.freeze_last_layer_epochs",
        "optim.scaling_rule",
      ]
    case .weightDecay: ["optim.weight_decay", "optim.weight_decay_end"]
    case .momentumTeacher: ["teacher.momentum_teacher", "teacher.final_momentum_teacher"]
    case .teacherTemp:
      ["teacher.warmup_teacher_temp", "teacher.teacher_temp", "teacher.warmup_teacher_temp_epochs"]
    }
  }
}
