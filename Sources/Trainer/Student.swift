import Kernels
import Model
import Objective
import Optimiser
import Tensor

/// A student: its network, what it learns with, and the moving average of it.
final class Student {
  let shape: StudentShape
  let layout: ParameterLayout
  let network: Network
  /// Its exponential moving average: the teacher that follows it, or the result of a distillation.
  let average: Network
  let gradients: Buffer
  let gradientPlaces: NetworkParameters
  let optimiser: AdamW
  let dFeatures: Matrix
  let dinoLoss: DinoLoss
  let ibotLoss: IbotLoss
  let koleoLoss: KoLeoLoss
  /// Updates that its optimiser has made.
  var updates = 0

  /// Plans what is needed at its turn alone: its passes, which other students' passes may overlap.
  ///
  /// - Parameter teacher: the average, where the teacher is none that is frozen.
  init(
    _ plan: ArenaPlan, _ shape: EngineShape, _ kept: StudentMemory, teacher: Network,
    retention: Retention
  ) {
    let counts = shape.counts
    let student = kept.shape
    self.shape = student
    layout = student.network.layout
    gradients = kept.gradients
    gradientPlaces = NetworkParameters(in: kept.gradients, student.network)
    optimiser = kept.optimiser
    average =
      kept.average.map {
        Network(
          plan, student.network, parameters: $0, groups: [shape.globalCrops],
          clsRows: counts.global,
          patchRows: 0, retention: nil)
      } ?? teacher
    network = Network(
      plan, student.network, parameters: kept.parameters, groups: shape.studentGroups,
      clsRows: counts.cls, patchRows: shape.maskedPatches, retention: retention,
      dropPathRates: shape.dropPathRates)
    let width = student.network.backbone.embedDim
    dFeatures = plan.matrix(counts.cls + shape.maskedPatches, width)
    dinoLoss = DinoLoss(plan, counts: counts, prototypes: student.network.dinoHead.prototypes)
    ibotLoss = IbotLoss(plan, maximum: shape.maskedPatches)
    koleoLoss = KoLeoLoss(plan, images: counts.images, width: width, crops: shape.koleoCrops)
  }
}

/// What of a student lasts from step to step.
struct StudentMemory {
  let shape: StudentShape
  let parameters: Buffer
  /// nil: the teacher has it.
  let average: Buffer?
  let gradients: Buffer
  let optimiser: AdamW

  init(
    _ plan: ArenaPlan, _ shape: StudentShape, isDistilled: Bool, groups: ParameterGroups,
    betas: (Double, Double)
  ) {
    self.shape = shape
    let count = shape.network.layout.count
    parameters = plan.buffer(count)
    average = isDistilled ? plan.buffer(count) : nil
    gradients = plan.buffer(count)
    optimiser = AdamW(
      plan, groups: groups, count: count, beta1: Float(betas.0), beta2: Float(betas.1))
  }
}
