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

  /// What is wrong with a phase's name; nil: nothing.
  package static func problem(ofName name: String) -> String? { PhaseReader.nameProblem(name) }

  /// Leaves a key as the recipe has it.
  package mutating func remove(_ key: String) { overrides.removeAll { $0.key == key } }

  /// Gives a key a value, as YAML text; the value is not judged before the phase is resolved.
  package mutating func set(_ key: String, _ text: String) {
    let order = RecipeKey.all.map(\.name)
    overrides.removeAll { $0.key == key }
    overrides.append(Override(key: key, text: text))
    overrides.sort { order.firstIndex(of: $0.key) ?? 0 < order.firstIndex(of: $1.key) ?? 0 }
  }
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

extension RecipeKey {
  /// Whether the key may have another value in a later phase: what decides the tensors, the images
  /// and how the run is kept may not.
  package var mayChangeInPhase: Bool {
    let fixedGroups = ["probe", "session", "distillation"]
    let fixed: Set = [
      "ibot.separate_head", "train.seed", "train.OFFICIAL_EPOCH_LENGTH", "train.centering",
      "train.compute_precision", "data.path", "data.eval_path", "data.embedded_size",
      "data.embedded_images", "data.mean", "data.std",
    ]
    if group == "student" { return name.hasPrefix("student.drop_path") }
    return !fixedGroups.contains(group) && !fixed.contains(name)
      && !lastName.hasPrefix("head_")
  }
}

extension RecipeKey {
  /// Whether the key decides which tensors a state has, so that a run that goes on from another's
  /// state must have the same value.
  package var decidesState: Bool {
    if group == "student" {
      return !name.hasPrefix("student.drop_path") && !name.hasPrefix("student.interpolate")
        && !["student.pretrained_weights", "student.block_chunks"].contains(name)
    }
    return lastName.hasPrefix("head_")
      || ["ibot.separate_head", "train.centering", "distillation.arch"].contains(name)
  }
}

extension PhaseDefinition {
  /// One line of YAML that reads back as an equal definition.
  package var text: String {
    var parts = ["name: \(name.yamlScalar)"]
    if let steps { parts.append("steps: \(steps)") }
    if baseLrFactor != 1 { parts.append("base_lr_factor: \(baseLrFactor.yaml)") }
    if Set(compress) != Set(PhaseSchedule.allCases) {
      parts.append("compress: [\(compress.map(\.rawValue).joined(separator: ", "))]")
    }
    for group in RecipeKey.groups {
      let keys = overrides.filter { $0.key.hasPrefix(group + ".") }
        .map { "\($0.key.dropFirst(group.count + 1)): \($0.text)" }
      if !keys.isEmpty { parts.append("\(group): {\(keys.joined(separator: ", "))}") }
    }
    return "{\(parts.joined(separator: ", "))}"
  }

  /// Several definitions as one line of YAML.
  package static func text(of phases: [PhaseDefinition]) -> String {
    "[\(phases.map(\.text).joined(separator: ", "))]"
  }

  /// The definitions that `text(of:)` wrote.
  package static func list(_ text: String) throws(RecipeError) -> [PhaseDefinition] {
    let node: YAMLNode?
    do { node = try YAMLParser.parse(Array(text.utf8)) } catch {
      throw RecipeError(place: .program, key: "phases", message: error.message)
    }
    let phases = try node.map { (node) throws(RecipeError) in
      try PhaseReader.list(node) { _ in .program }.map(\.definition)
    }
    guard let phases, !phases.isEmpty else {
      throw RecipeError(place: .program, key: "phases", message: "empty")
    }
    return phases
  }
}
