import Kernels
import Model

/// A forward pass's access to a network's parameters.
struct ForwardUnits: UnitAccess {
  let store: ParameterStore
  /// The units that the pass uses, in order.
  let pass: Range<Int>

  /// - Parameter pass: the units that the pass uses; nil for all, heads included.
  init(store: ParameterStore, pass: Range<Int>? = nil) {
    self.store = store
    self.pass = pass ?? store.units.units.indices
  }

  func enter(_ kernels: any Kernels, _ unit: Int) {
    store.enter(kernels, unit, next: (unit + 1)..<max(unit + 1, pass.upperBound))
  }

  func leave(_ kernels: any Kernels, _ unit: Int) {}
}

/// A backward pass's access to a network's parameters and to their gradients.
struct BackwardUnits: UnitAccess {
  let store: ParameterStore
  let gradients: GradientSums

  func enter(_ kernels: any Kernels, _ unit: Int) {
    // The embedding is there from the forward pass.
    store.enter(kernels, unit, next: stride(from: unit - 1, to: 0, by: -1))
    gradients.enter(kernels, unit)
  }

  func leave(_ kernels: any Kernels, _ unit: Int) { gradients.leave(kernels, unit) }
}
