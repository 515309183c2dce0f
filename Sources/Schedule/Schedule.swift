#if canImport(Glibc)
  import Glibc
#endif

/// The planned values of a quantity, as a pure function of the step.
package enum Schedule: Sendable, Equatable {
  case constant(Double)
  /// Linear from `start` to `base` over `warmup` steps, then a half cosine to `final` at step
  /// `total`, then constant; the official code's `CosineScheduler`.
  case cosine(base: Double, final: Double, total: Int, warmup: Int = 0, start: Double = 0)

  /// Returns the value at a step, counted from 0.
  package func value(at step: Int) -> Double {
    switch self {
    case .constant(let value):
      return value
    case .cosine(let base, let final, let total, let warmup, let start):
      if step < warmup {
        // The ramp includes both ends, as in numpy's linspace.
        return warmup == 1 ? start : start + (base - start) * Double(step) / Double(warmup - 1)
      }
      guard step < total else { return final }
      let progress = Double(step - warmup) / Double(total - warmup)
      return final + 0.5 * (base - final) * (1 + cos(.pi * progress))
    }
  }
}
