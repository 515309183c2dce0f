import Kernels
import Model
import Objective
import Tensor

/// The layout of all memory that an engine of a shape needs on a device.
///
/// Planning reserves nothing, so that a run's memory can be known while another engine computes. An
/// engine consumes its plan, since passes keep the state of their last use.
package struct EnginePlan: ~Copyable {
  /// The shape that is planned for.
  package let shape: EngineShape
  let arena: ArenaPlan
  let input: PatchInput
  /// The teacher's global crops, if its patches have another size than the students'.
  let teacherInput: PatchInput?
  let teacher: Network
  let students: [StudentPlan]
  let targets: TargetPlan
  /// A student's logits of a part of a head's rows.
  let logits: Buffer
  let centering: (cls: Centering, patch: Centering)
  let scalars: StepScalars

  /// Plans the memory.
  ///
  /// - Parameter device: the one that the engine will compute on.
  package init(_ shape: EngineShape, _ device: any Device) {
    precondition(
      ParameterLayout.alignment % device.arenaAlignment == 0,
      "the device wants parameters aligned more strictly than ParameterLayout does")
    self.shape = shape
    let plan = ArenaPlan(for: device)
    arena = plan
    let network = shape.teacher
    let element = network.backbone.activationElement(on: device)
    (input, teacherInput) = Self.inputs(plan, shape)
    let stores = StorePlan(plan, shape)
    let teacher = plan.counted(as: .teacherPass) {
      Network(
        plan, network, store: stores.teacher, groups: [shape.teacherCrops],
        clsRows: shape.counts.global, patchRows: shape.teacherPatches, retention: nil,
        element: element)
    }
    let kept = zip(shape.students, stores.students).map {
      StudentMemory(plan, $0, $1, of: shape)
    }
    // One student is computed at a time.
    let students = plan.overlapping(kept.count) { number in
      let student = StudentPlan(
        plan, shape, kept[number], teacher: teacher, device)
      if number + 1 < kept.count { student.planWorkspace(plan) }
      return student
    }
    (self.teacher, self.students) = (teacher, students)
    (targets, logits) = Self.overlap(plan, shape, teacher, students)
    centering = plan.counted(as: .logitsAndTargets) {
      (
        Centering(
          plan, method: shape.centering, prototypes: network.dinoHead.outputs),
        Centering(plan, method: shape.centering, prototypes: network.patchOutputs)
      )
    }
    scalars = plan.counted(as: .workspace) { StepScalars(plan, shape) }
  }

  /// Plans the crops as the students' patches, and as the teacher's if these have another size.
  private static func inputs(
    _ plan: ArenaPlan, _ shape: EngineShape
  ) -> (students: PatchInput, teacher: PatchInput?) {
    plan.counted(as: .inputPatches) {
      (
        PatchInput(plan, groups: shape.studentGroups, shape.network.backbone),
        shape.resizesTargets
          ? PatchInput(plan, groups: [shape.teacherCrops], shape.teacher.backbone) : nil
      )
    }
  }

  /// The layout of the first student's tensors.
  package var layout: ParameterLayout { students[0].layout }

  /// Plans what is needed for a part of a step only. Targets are needed from the teacher's pass to the
  /// last student's losses, and the workspace of that student's backward pass after them, so that they
  /// overlap, unless the targets of other ranks wait meanwhile. The working sets of all backbones and the
  /// logits of a part of a head's rows are never needed at the same time either.
  private static func overlap(
    _ plan: ArenaPlan, _ shape: EngineShape, _ teacher: Network, _ students: [StudentPlan]
  ) -> (TargetPlan, Buffer) {
    let targets: TargetPlan
    if shape.ranks.local.count == 1 {
      var planned: TargetPlan!
      plan.overlapping(
        { planned = TargetPlan(plan, shape) }, { students.last!.planWorkspace(plan) })
      targets = planned
    } else {
      targets = TargetPlan(plan, shape)
      students.last!.planWorkspace(plan)
    }
    var passes: [(MemoryPurpose, BackbonePass)] = [(.teacherPass, teacher.pass)]
    for student in students {
      passes.append((.studentActivations, student.network.pass))
      if shape.frozenTeacher != nil { passes.append((.teacherPass, student.average.pass)) }
    }
    var logits: Buffer!
    _ = plan.overlapping(passes.count + 1) { number in
      guard number == passes.count else {
        let (purpose, pass) = passes[number]
        return plan.counted(as: purpose) { pass.planWork(plan) }
      }
      let capacity = Network.logitsCapacity(
        shape.network, clsRows: shape.counts.cls, patchRows: shape.maskedPatches)
      logits = plan.counted(as: .logitsAndTargets) { plan.buffer(capacity) }
    }
    return (targets, logits)
  }
}
