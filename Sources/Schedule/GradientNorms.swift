/// The gradient norms of the last steps, by which a step is recognised that is far out of the usual and
/// would do harm.
///
/// What is usual is the median of the last steps, of those too that were skipped. So norms that have risen
/// for good are the usual ones after half a window. The window is a part of a run's state: a run that goes
/// on from a checkpoint skips the same steps as one that was never interrupted.
package struct GradientNorms: Codable, Sendable, Equatable {
  /// The number of steps that the window holds, and that it needs before a step is skipped.
  package static let window = 100
  package static let least = 50
  /// The number of steps in a row that are skipped at most. More are no accident.
  package static let mostSkips = 5

  /// The norms by student, sub-module and step.
  private var norms: [[[Double]]] = []
  /// The number of steps in a row that were skipped.
  private var skips = 0

  package init() {}

  /// Returns the norm above which the next step is skipped, for each student and sub-module; empty if no
  /// step is.
  ///
  /// - Parameter factor: how many times its median a norm may be; 0 to skip no step.
  package func limits(factor: Double) -> [[Double]] {
    guard factor > 0, skips < Self.mostSkips, let known = norms.first?.first,
      known.count >= Self.least
    else { return [] }
    return norms.map { modules in
      modules.map { values in
        // A sub-module that had nothing to learn has no usual norm.
        let median = values.sorted()[values.count / 2]
        return median > 0 ? factor * median : .greatestFiniteMagnitude
      }
    }
  }

  /// Takes in a step: the norms of each student's sub-modules, and whether the step was skipped because of
  /// them. Norms that are not finite say nothing of what is usual.
  package mutating func add(_ step: [[Double]], wasSkipped: Bool) {
    guard step.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return }
    skips = wasSkipped ? skips + 1 : 0
    if norms.map(\.count) != step.map(\.count) {
      norms = step.map { $0.map { _ in [] } }
    }
    for (student, modules) in step.enumerated() {
      for (module, norm) in modules.enumerated() {
        norms[student][module].append(norm)
        if norms[student][module].count > Self.window { norms[student][module].removeFirst() }
      }
    }
  }
}
