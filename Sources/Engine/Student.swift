import Model
import Objective
import Optimiser
import Tensor

/// A student with its optimiser.
final class Student {
  /// Its number among the students, from 0.
  let number: Int
  private let plan: StudentPlan
  let optimiser: AdamW
  /// The number of updates that its optimiser has made.
  var updates = 0

  init(_ number: Int, _ plan: StudentPlan, optimiser: AdamW) {
    self.number = number
    self.plan = plan
    self.optimiser = optimiser
  }

  var shape: StudentShape { plan.shape }
  var layout: ParameterLayout { plan.layout }
  var network: Network { plan.network }
  /// Its moving average: the teacher or, in a distillation, the result.
  var average: Network { plan.average }
  var gradients: GradientSums { plan.gradients }
  var dFeatures: Matrix { plan.dFeatures }
  var dinoLoss: DinoLoss { plan.dinoLoss }
  var ibotLoss: IbotLoss { plan.ibotLoss }
  var koleoLoss: KoLeoLoss { plan.koleoLoss }
}
