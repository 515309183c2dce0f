import Model
import Objective
import Recipe

/// The floating-point operations of a step, estimated from its shape, to compare the cost of steps.
package struct StepCost {
  /// The operations of a step, of all ranks.
  package let operations: Double

  /// Estimates the cost of a recipe's step.
  ///
  /// - Parameter frozenTeacher: the teacher's network in a distillation.
  package init(_ recipe: Recipe, frozenTeacher: NetworkShape? = nil) {
    let shape = EngineShape(
      recipe, maskRatioMax: recipe.ibot.maskRatioMax, frozenTeacher: frozenTeacher)
    let masked = (recipe.ibot.maskRatioMin + recipe.ibot.maskRatioMax) / 2
    let share =
      frozenTeacher == nil ? min(1, masked / max(recipe.ibot.maskRatioMax, 1e-9)) : 1
    let cost = NetworkCost(shape, masked: share)
    // A backward pass costs two forward passes; recomputation costs another one. What does not learn has none.
    let learning = 1 - shape.frozen.share(of: shape.network.backbone.depth)
    let step =
      cost.teacherBackbone + cost.teacherHeads
      + cost.studentBackbone * (1 + (shape.recompute ? 3 : 2) * learning) + cost.studentHeads * 3
    operations = step * Double(recipe.train.accumulationSteps * recipe.train.world)
  }
}

/// The operations of the forward passes of a rank's micro-batch.
struct NetworkCost {
  let teacherBackbone: Double
  let teacherHeads: Double
  /// Of all students.
  private(set) var studentBackbone = 0.0
  private(set) var studentHeads = 0.0

  /// - Parameter share: the masked patches of a batch as a share of the most; by default that of masks
  ///   between a tenth and half of the patches.
  init(_ shape: EngineShape, masked share: Double = 0.6) {
    func heads(_ network: NetworkShape, _ cls: Int) -> Double {
      Double(cls) * Self.head(network.dinoHead)
        + Double(shape.maskedPatches) * share * Self.head(network.ibotHead ?? network.dinoHead)
    }
    teacherBackbone = Self.forward(shape.teacher.backbone, shape.teacherCrops)
    teacherHeads = heads(shape.teacher, shape.counts.global)
    for student in shape.students {
      studentBackbone += shape.studentGroups.reduce(0) {
        $0 + Self.forward(student.network.backbone, $1)
      }
      studentHeads += heads(student.network, shape.counts.cls)
    }
  }

  /// The backbone's forward pass over a group of crops.
  private static func forward(_ shape: BackboneShape, _ group: CropGroup) -> Double {
    let (width, hidden) = (Double(shape.embedDim), Double(shape.hiddenWidth))
    let tokens = Double(group.patchesEach + 1 + shape.registers)
    let layers = 4 * width * width + (shape.isGated ? 3 : 2) * width * hidden
    let block = tokens * 2 * layers + 4 * tokens * tokens * width
    let embedding = Double(group.patchesEach) * 2 * Double(shape.patchElements) * width
    return Double(group.count) * (Double(shape.depth) * block + embedding)
  }

  /// A head's forward pass for one row.
  private static func head(_ shape: HeadShape) -> Double {
    let layers = zip(shape.widths, shape.widths.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
    return 2 * Double(layers + shape.bottleneck * shape.prototypes)
  }
}

extension PhasePlan {
  /// The steps that are left after `step`, weighted by their cost in units of a step of the phase `unit`;
  /// by default that is the phase that the step belongs to.
  package func stepsLeft(
    after step: Int, inStepsOf unit: Phase? = nil, frozenTeacher: NetworkShape?
  ) -> Double {
    let unit = unit ?? phase(at: step)
    let cost = StepCost(unit.recipe, frozenTeacher: frozenTeacher).operations
    return phases.filter { $0.last > step }.reduce(0) { sum, phase in
      let left = phase.last - max(step, phase.first - 1)
      let each =
        phase.index == unit.index
        ? 1 : StepCost(phase.recipe, frozenTeacher: frozenTeacher).operations / cost
      return sum + Double(left) * each
    }
  }
}
