import Recipe
import Support
import Trainer

/// The memory of a recipe's phases on this machine's processor.
struct PlannedMemory {
  /// In the order of the phases.
  let phases: [(phase: Phase, memory: RunMemory)]

  /// - Parameter teacher: a distillation's.
  init(_ recipe: Recipe, teacher: FrozenTeacher?) {
    let images = ImageFacts(recipe)
    phases = PhasePlan(recipe).phases.map {
      let memory = RunMemory($0.recipe, images: images, frozenTeacher: teacher?.network) {
        Backend.Choice($0).memory(for: $1)
      }
      return ($0, memory)
    }
  }

  /// The phase that takes the most, by which a run is judged before it begins.
  var largest: (phase: Phase, memory: RunMemory) {
    phases.max { $0.memory.totalBytes < $1.memory.totalBytes }!
  }

  /// The one that takes the least: a run that has begun may be in any, and is asked again before it
  /// enters another.
  var smallest: (phase: Phase, memory: RunMemory) {
    phases.min { $0.memory.totalBytes < $1.memory.totalBytes }!
  }

  /// What there is for them; nil where the system does not say.
  var available: MachineMemory? { largest.memory.device.availableMemory }

  /// Why a run does not fit; nil where it does.
  func shortage(_ machine: MachineMemory?, isBegun: Bool = false) -> MemoryShortage? {
    let (phase, memory) = isBegun ? smallest : largest
    return memory.shortage(
      machine, isBegun: isBegun, phase: phases.count > 1 ? phase.name : nil)
  }
}
