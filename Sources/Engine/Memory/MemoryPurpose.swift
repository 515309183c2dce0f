import Tensor

/// The purposes of a run's memory, in the order in which they are listed.
package enum MemoryPurpose: String, CaseIterable, Sendable {
  // Within the arena.
  case studentParameters = "student_parameters"
  case teacherParameters = "teacher_parameters"
  /// The averages of a distillation's students.
  case averageParameters = "average_parameters"
  /// Units of parameters that are gathered from all processes for a while.
  case gatheredParameters = "gathered_parameters"
  case gradients
  case moments
  case studentActivations = "student_activations"
  case teacherPass = "teacher_pass"
  case logitsAndTargets = "logits_and_targets"
  case inputPatches = "input_patches"
  case workspace
  // Outside the arena.
  case threadWorkspace = "thread_workspace"
  case loaderBatches = "loader_batches"
  case probe
  case imageCache = "image_cache"
  case program

  /// The name that is shown.
  package var title: String {
    switch self {
    case .studentParameters: "parameters, student"
    case .teacherParameters: "parameters, teacher"
    case .averageParameters: "parameters, students' average"
    case .gatheredParameters: "parameters, gathered"
    case .gradients: "gradients"
    case .moments: "optimiser's moments"
    case .studentActivations: "activations, student"
    case .teacherPass: "teacher's forward pass"
    case .logitsAndTargets: "logits and targets"
    case .inputPatches: "input patches"
    case .workspace: "workspace, backward and losses"
    case .threadWorkspace: "packing and thread workspace"
    case .loaderBatches: "batches of the loader"
    case .probe: "probe"
    case .imageCache: "decoded images, at most"
    case .program: "program and libraries"
    }
  }

  /// Whether it is a part of the engine's arena.
  package var isPlanned: Bool {
    switch self {
    case .threadWorkspace, .loaderBatches, .probe, .imageCache, .program: false
    default: true
    }
  }
}

extension ArenaPlan {
  func counted<Result>(as purpose: MemoryPurpose, _ body: () throws -> Result) rethrows -> Result {
    try counted(as: purpose.rawValue, body)
  }
}
