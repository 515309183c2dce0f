import Kernels
import Model
import Objective
import Optimiser
import Tensor

/// The memory of a student: its network, gradients, moments, losses and moving average.
struct StudentPlan {
  let shape: StudentShape
  let layout: ParameterLayout
  let network: Network
  /// Its exponential moving average: the teacher or, in a distillation, the result.
  let average: Network
  let gradients: GradientSums
  let moments: AdamWMoments
  let dFeatures: Matrix
  let imageLoss: ImageLoss
  let ibotLoss: IbotLoss
  let koleoLoss: KoLeoLoss

  /// Plans what is needed only while the student is computed, which other students may overlap.
  ///
  /// - Parameter teacher: the student's average unless the teacher is frozen.
  init(
    _ plan: ArenaPlan, _ shape: EngineShape, _ kept: StudentMemory, teacher: Network,
    _ device: any Device
  ) {
    let counts = shape.counts
    let student = kept.shape.network
    self.shape = kept.shape
    layout = student.layout
    let element = student.backbone.activationElement(on: device)
    gradients = kept.gradients
    moments = kept.moments
    average =
      kept.average.map { store in
        plan.counted(as: .teacherPass) {
          Network(
            plan, student, store: store, groups: [shape.globalCrops],
            clsRows: counts.global, patchRows: 0,
            outputs: counts.global * max(1, shape.globalCrops.patchesEach / 4), retention: nil,
            element: element)
        }
      } ?? teacher
    network = plan.counted(as: .studentActivations) {
      Network(
        plan, student, store: kept.parameters, groups: shape.studentGroups,
        clsRows: counts.cls, patchRows: shape.maskedPatches,
        retention: shape.retention, dropPathRates: shape.dropPathRates, element: element)
    }
    let width = student.backbone.embedDim
    (dFeatures, imageLoss, ibotLoss, koleoLoss) = plan.counted(as: .workspace) {
      (
        plan.matrix(counts.cls + shape.maskedPatches, width),
        ImageLoss(
          plan, counts: counts, outputs: student.dinoHead.outputs, objective: shape.objective),
        IbotLoss(
          plan, maximum: shape.maskedPatches, comparison: shape.objective.comparison),
        KoLeoLoss(plan, images: counts.images, width: width, crops: shape.koleoCrops)
      )
    }
  }

  /// Plans what only the backward pass needs.
  func planWorkspace(_ plan: ArenaPlan) {
    plan.counted(as: .workspace) { network.pass.planWorkspace(plan) }
  }
}

/// The memory of a student that lasts from step to step.
struct StudentMemory {
  let shape: StudentShape
  let parameters: ParameterStore
  /// nil if the teacher is the average.
  let average: ParameterStore?
  let gradients: GradientSums
  let moments: AdamWMoments

  /// Plans the memory of one of an engine's students.
  init(
    _ plan: ArenaPlan, _ shape: StudentShape,
    _ stores: (parameters: ParameterStore, average: ParameterStore?), of engine: EngineShape
  ) {
    self.shape = shape
    (parameters, average) = stores
    gradients = plan.counted(as: .gradients) {
      GradientSums(plan, shape.network, engine, stores.parameters)
    }
    moments = plan.counted(as: .moments) {
      AdamWMoments(plan, count: stores.parameters.owned.count)
    }
  }
}
