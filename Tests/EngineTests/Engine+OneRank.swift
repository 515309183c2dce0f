import Engine

/// Steps of a run with one rank, whose micro-batch is a single input.
extension Engine {
  func step(
    _ input: StepInput, _ values: StepValues, withDiagnostics: Bool = false
  ) -> StepOutcome {
    step([input], values, withDiagnostics: withDiagnostics)
  }

  func step(
    _ values: StepValues, batches: Int, withDiagnostics: Bool = false,
    next: (Int) -> StepInput
  ) -> StepOutcome {
    step(values, batches: batches, withDiagnostics: withDiagnostics) { [next($0)] }
  }
}
