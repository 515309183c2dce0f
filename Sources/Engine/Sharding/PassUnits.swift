import Kernels
import Model

/// A forward pass's access to a network's parameters.
struct ForwardUnits: UnitAccess {
  let store: ParameterStore

  func enter(_ kernels: any Kernels, _ unit: Int) {
    let next = unit + 1
    store.enter(kernels, unit, next: next < store.units.units.count ? next : nil)
  }

  func leave(_ kernels: any Kernels, _ unit: Int) {}
}

/// A backward pass's access to a network's parameters and to their gradients.
struct BackwardUnits: UnitAccess {
  let store: ParameterStore
  let gradients: GradientSums

  func enter(_ kernels: any Kernels, _ unit: Int) {
    store.enter(kernels, unit, next: unit > 1 ? unit - 1 : nil)
    gradients.enter(kernels, unit)
  }

  func leave(_ kernels: any Kernels, _ unit: Int) { gradients.leave(kernels, unit) }
}
