/// A group of kernels, forward and backward, and the largest sizes they are called with. A backend plans
/// its workspace by them.
package enum KernelWork: Sendable, Equatable {
  /// `activated`: whether the inputs are the outputs of an activation.
  case linear(rows: Int, inputs: Int, outputs: Int, activated: Bool = false)
  case prototypes(rows: Int, inputs: Int, count: Int)
  case norm(rows: Int, width: Int)
  case attention(length: Int, headWidth: Int)
  /// Sinkhorn-Knopp over `samples` of each of a process's ranks.
  case sinkhornKnopp(ranks: Int, samples: Int, prototypes: Int)
  /// The move of a center by the rows of a process's ranks.
  case center(ranks: Int, prototypes: Int)
  case codingRate(samples: Int, width: Int)
}
