import Model
import Objective
import Optimiser
import Tensor

/// A student with its optimiser.
final class Student {
  private let plan: StudentPlan
  let scalars: StudentScalars
  let optimiser: AdamW
  /// The number of updates that its optimiser has made.
  var updates = 0

  init(_ plan: StudentPlan, _ scalars: StudentScalars, optimiser: AdamW) {
    self.scalars = scalars
    self.plan = plan
    self.optimiser = optimiser
  }

  var shape: StudentShape { plan.shape }
  var layout: ParameterLayout { plan.layout }
  var network: Network { plan.network }
  /// Its moving average: the teacher or, in a distillation, the result.
  var average: Network { plan.average }
  var gradients: Buffer { plan.gradients }
  var parameterGradients: NetworkParameters { plan.parameterGradients }
  var dFeatures: Matrix { plan.dFeatures }
  var dinoLoss: DinoLoss { plan.dinoLoss }
  var ibotLoss: IbotLoss { plan.ibotLoss }
  var koleoLoss: KoLeoLoss { plan.koleoLoss }
}
