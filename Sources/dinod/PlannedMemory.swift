import Recipe
import Support
import Tensor
import Trainer

/// The memory of each phase of a recipe on this machine's processor.
struct PlannedMemory {
  /// The phases in order.
  let phases: [(phase: Phase, memory: RunMemory)]

  private let place: ProcessPlace

  /// - Parameters:
  ///   - teacher: the teacher of a distillation.
  ///   - place: the process whose memory is planned.
  init(_ recipe: Recipe, teacher: FrozenTeacher?, place: ProcessPlace = .only) {
    self.place = place
    let images = ImageFacts(recipe)
    phases = PhasePlan(recipe).phases.map {
      let memory = RunMemory(
        $0.recipe, images: images, frozenTeacher: teacher?.network, place: place
      ) {
        Backend.Choice($0, place: place).memory(for: $1)
      }
      return ($0, memory)
    }
  }

  /// The phase that needs the most memory. A run must have that much before it begins.
  var largest: (phase: Phase, memory: RunMemory) {
    phases.max { $0.memory.totalBytes < $1.memory.totalBytes }!
  }

  /// The phase that needs the least memory. A run that has begun may be in any phase, and its
  /// memory is checked again before it enters another.
  var smallest: (phase: Phase, memory: RunMemory) {
    phases.min { $0.memory.totalBytes < $1.memory.totalBytes }!
  }

  /// The memory of the machine that a process may take; `nil` if the system does not report it.
  var available: MachineMemory? {
    largest.memory.device.availableMemory.map {
      MachineMemory(availableBytes: $0.availableBytes / place.onHost, limit: $0.limit)
    }
  }

  /// Returns why a run does not fit; `nil` if it fits.
  func shortage(_ machine: MachineMemory?, isBegun: Bool = false) -> MemoryShortage? {
    let (phase, memory) = isBegun ? smallest : largest
    return memory.shortage(
      machine, isBegun: isBegun, phase: phases.count > 1 ? phase.name : nil)
  }
}
