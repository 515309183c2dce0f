import Kernels
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
  var imageLoss: ImageLoss { plan.imageLoss }
  var ibotLoss: IbotLoss { plan.ibotLoss }
  var koleoLoss: KoLeoLoss { plan.koleoLoss }

  /// Adds a rank's share of the squared norm of each sub-module's gradient to its scalar: the squares of
  /// its slices of the units. They are complete once they are summed over the ranks.
  func addSquaredNorms(_ kernels: any Kernels, rank: Int, to squares: Scalars) {
    guard gradients.isTree else {
      return optimiser.addSquaredNorms(kernels, gradients.total, to: squares)
    }
    let store = network.store
    for (number, unit) in store.units.units.enumerated() {
      guard let module = optimiser.groups.modules.firstIndex(where: { $0.name == unit.module })
      else { continue }
      kernels.addSumOfSquares(
        store.slice(number, rank: rank, of: gradients.total), to: squares[module])
    }
  }
}
