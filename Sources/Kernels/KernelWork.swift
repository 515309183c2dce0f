/// Kernels and the sizes they are called with, forward and backward: what a backend needs to say how
/// much memory of its own it will take.
package enum KernelWork: Sendable, Equatable {
  /// activated: whether the inputs are an activation's outputs.
  case linear(rows: Int, inputs: Int, outputs: Int, activated: Bool = false)
  case prototypes(rows: Int, inputs: Int, count: Int)
  case norm(rows: Int, width: Int)
  case attention(length: Int, headWidth: Int)
  case sinkhornKnopp(samples: Int, prototypes: Int)
}
