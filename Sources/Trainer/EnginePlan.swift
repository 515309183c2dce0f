import Kernels
import Model
import Objective
import Optimiser
import Tensor

/// Where everything lies that an engine of a shape needs, before any of it exists.
///
/// A function of the shape and of how activations are kept; nothing is reserved, so it may be asked
/// what a run would take while another engine computes. An engine takes it up for itself: its passes
/// remember what they last saw.
package struct EnginePlan: ~Copyable {
  /// Losses and centerings with their own small memory.
  struct Objective {
    let clsCentering: Centering
    let patchCentering: Centering
    let dinoLoss: DinoLoss
    let ibotLoss: IbotLoss
    let koleoLoss: KoLeoLoss
  }

  package let shape: EngineShape
  package let layout: ParameterLayout
  let arena = ArenaPlan()
  let input: PatchInput
  let teacher: Network
  let student: Network
  /// The teacher's logits, then its targets, and the student's logits of a part of a head's rows.
  let targets: (cls: Matrix, patch: Matrix, logits: Buffer)
  let gradients: Buffer
  let gradientPlaces: NetworkParameters
  let dFeatures: Matrix
  let objective: Objective
  let moments: AdamWMoments

  /// - Parameter roundsActivations: as the kernels have it that will compute.
  package init(_ shape: EngineShape, roundsActivations: Bool) {
    self.shape = shape
    let network = shape.network
    let counts = shape.counts
    let layout = network.layout
    self.layout = layout
    let plan = arena
    let element = network.backbone.activations(rounded: roundsActivations)
    input = plan.counted(as: .inputPatches) {
      PatchInput(plan, groups: shape.studentGroups, patchSize: network.backbone.patchSize)
    }
    let teacher = plan.counted(as: .teacherPass) {
      Network(
        plan, network, groups: [shape.globalCrops], clsRows: counts.global,
        patchRows: shape.maskedPatches, retention: nil, element: element)
    }
    let student = plan.counted(as: .studentActivations) {
      Network(
        plan, network, groups: shape.studentGroups, clsRows: counts.cls,
        patchRows: shape.maskedPatches,
        retention: shape.retention,
        dropPathRates: shape.dropPathRates, element: element)
    }
    (self.teacher, self.student) = (teacher, student)
    targets = Self.overlap(plan, shape, teacher.pass, student.pass)
    let gradients = plan.counted(as: .gradients) { plan.buffer(layout.count) }
    self.gradients = gradients
    gradientPlaces = NetworkParameters(in: gradients, network)
    dFeatures = plan.counted(as: .scratch) {
      plan.matrix(counts.cls + shape.maskedPatches, network.backbone.embedDim)
    }
    objective = Objective(plan, shape)
    moments = plan.counted(as: .moments) { AdamWMoments(plan, count: layout.count) }
  }

  /// Plans what is needed for a part of a step alone. Targets last from the teacher's pass to the
  /// losses, and the memory of the backward pass is taken up after them; the blocks' working sets
  /// of teacher and student and the logits of a part of a head's rows never meet.
  private static func overlap(
    _ plan: ArenaPlan, _ shape: EngineShape, _ teacher: BackbonePass, _ student: BackbonePass
  ) -> (cls: Matrix, patch: Matrix, logits: Buffer) {
    let network = shape.network
    let prototypes = (network.ibotHead ?? network.dinoHead).prototypes
    var places: (cls: Matrix, patch: Matrix, logits: Buffer)!
    var targets: (cls: Matrix, patch: Matrix)!
    plan.overlapping(
      {
        plan.counted(as: .logitsAndTargets) {
          targets = (
            plan.matrix(shape.counts.global, network.dinoHead.prototypes),
            plan.matrix(shape.maskedPatches, prototypes)
          )
        }
      }, { plan.counted(as: .scratch) { student.planScratch(plan) } })
    plan.overlapping(
      { plan.counted(as: .teacherPass) { teacher.planWork(plan) } },
      { plan.counted(as: .studentActivations) { student.planWork(plan) } },
      {
        let room = Network.logitsRoom(
          network, clsRows: shape.counts.cls, patchRows: shape.maskedPatches)
        let logits = plan.counted(as: .logitsAndTargets) { plan.buffer(room) }
        places = (targets.cls, targets.patch, logits)
      })
    return places
  }
}

extension EnginePlan.Objective {
  fileprivate init(_ plan: ArenaPlan, _ shape: EngineShape) {
    let network = shape.network
    let prototypes = network.dinoHead.prototypes
    (clsCentering, patchCentering) = plan.counted(as: .logitsAndTargets) {
      (
        Centering(plan, method: shape.centering, prototypes: prototypes),
        Centering(
          plan, method: shape.centering,
          prototypes: (network.ibotHead ?? network.dinoHead).prototypes)
      )
    }
    (dinoLoss, ibotLoss, koleoLoss) = plan.counted(as: .scratch) {
      (
        DinoLoss(plan, counts: shape.counts, prototypes: prototypes),
        IbotLoss(plan, maximum: shape.maskedPatches),
        KoLeoLoss(
          plan, images: shape.counts.images, width: network.backbone.embedDim,
          crops: shape.koleoCrops)
      )
    }
  }
}
