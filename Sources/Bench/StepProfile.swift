import Engine
import Kernels
import Recipe

/// Where the time of a training step goes, kernel by kernel.
package struct StepProfile: Sendable {
  /// The kernels, the longest first, over all steps.
  package let lines: [ProfiledKernels.Line]
  package let steps: Int
  /// The seconds of all steps, without what measuring the peaks took.
  package let seconds: Double

  /// The seconds of all kernels.
  package var kernelSeconds: Double { lines.reduce(0) { $0 + $1.seconds } }
  /// The share of the products' peak over the whole time of the steps.
  package var peakShare: Double {
    let possible = lines.reduce(0) { $0 + $1.possibleFlops } / max(kernelSeconds, 1e-9) * seconds
    return lines.reduce(0) { $0 + $1.flops } / max(possible, 1)
  }

  /// Runs one step to touch all memory, then `steps` that are timed.
  package init(
    _ recipe: Recipe, kernels: any Kernels, _ machine: MachineRates, steps: Int
  ) throws(MemoryError) {
    let profiled = ProfiledKernels(kernels, machine)
    let bench = try StepBench(recipe, kernels: profiled)
    bench.secondsOfStep(0)
    profiled.reset()
    let times = (1...steps).reduce(0.0) { $0 + bench.secondsOfStep($1) }
    seconds = times - profiled.overhead
    (lines, self.steps) = (profiled.lines, steps)
  }
}
