/// A resolution phase as a recipe or a command defines it: what sets it apart from the recipe.
package struct PhaseDefinition: Sendable, Equatable {
  package var name: String
  /// Its length; nil: `optim.epochs`, the recipe's or its own.
  package var steps: Int?
  /// Factor on the recipe's `optim.base_lr`.
  package var baseLrFactor = 1.0
  /// The schedules that run their whole course within the phase; the others go on where they were.
  package var compress = PhaseSchedule.allCases
  /// The keys with other values than the recipe's, in the order of the table of keys.
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

  /// The one phase of a recipe without `phases`.
  package static let pretrain = PhaseDefinition(name: "pretrain")
  package static let distillation = PhaseDefinition(name: "distillation")

  /// The value that it gives a key; nil: the recipe's.
  package func text(of key: String) -> String? { overrides.first { $0.key == key }?.text }

  /// Leaves a key as the recipe has it.
  package mutating func remove(_ key: String) { overrides.removeAll { $0.key == key } }
}

/// A schedule that a phase compresses into its steps or lets go on, and the keys that shape it.
package enum PhaseSchedule: String, Sendable, CaseIterable {
  case lr
  case weightDecay = "weight_decay"
  case momentumTeacher = "momentum_teacher"
  case teacherTemp = "teacher_temp"

  /// The keys that mean nothing in a phase where the schedule goes on.
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
