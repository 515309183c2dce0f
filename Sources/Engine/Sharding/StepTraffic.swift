import Model
import Tensor

/// The bytes that each process sends to others in a step, foretold from an engine's shape.
package struct StepTraffic: Sendable, Equatable {
  /// Parameters of the student and of the teacher that are gathered.
  package var gathered = 0.0
  /// Gradients that are reduced; with NO_SHARD also their sums, which are gathered.
  package var reduced = 0.0
  /// The sums of Sinkhorn-Knopp, or the centers.
  package var targets = 0.0

  /// The bytes of all messages.
  package var bytes: Double { gathered + reduced + targets }

  /// Foretells a step of pre-training, or of a distillation with one student.
  package init(_ shape: EngineShape) {
    let local = shape.ranks.local.count
    let processes = shape.ranks.world / local
    guard processes > 1 else { return }
    // Each process has 1 / N of everything already, and gets or gives the rest.
    let share = Double(processes - 1) / Double(processes)
    let units = ParameterUnits(shape.network.layout, shape.ranks)
    let all = Double(shape.network.layout.count)
    let each = Double(shape.accumulationSteps) * share
    let (gathered, reduced) = (Self.bytes(shape.gathered), Self.bytes(shape.reduced))
    self.reduced = each * reduced * all * (shape.isSharded ? 1 : 2)
    if shape.isSharded {
      let networks = shape.frozenTeacher == nil ? 2.0 : 1.0
      var passes = networks * all
      if shape.sharding == .fullShard {
        // Of the blocks, the last two are there when the backward pass begins. Each further rank of the
        // process gathers them anew in all passes.
        let blocks = units.units.filter(\.isBlock)
        let again = blocks.dropLast(2).reduce(0.0) { $0 + Double($1.range.count) }
        passes = Double(local) * (networks * all + again)
      }
      self.gathered = each * gathered * passes
    }
    let prototypes = Double(shape.teacher.dinoHead.prototypes + shape.teacher.patchPrototypes)
    let sums = shape.centering == .sinkhornKnopp ? 3.0 : 1.0
    targets = each * 2 * 4 * sums * prototypes
  }

  static func bytes(_ element: Element) -> Double { element == .bf16 ? 2 : 4 }
}
