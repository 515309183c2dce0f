import Bench
import CommandKit
import KernelsCPU
import Support

extension BenchCommand {
  /// A kernel of the profile, in seconds of a step. Shares are of what was measured next to each call.
  private struct ProfiledKernel: Encodable {
    var kernel: String
    var calls: Int
    var seconds: Double
    var stepShare: Double
    var gflops: Double?
    var peakShare: Double?
    var gbPerS: Double
    var copyShare: Double
    var bound: String
  }

  private struct Profile: Encodable {
    var precision: String
    var threads: Int
    var stepS: Double
    /// The part of the step that is in kernels, and the share of the products' peak over all of it.
    var kernelShare: Double
    var peakShare: Double
    var kernels: [ProfiledKernel]
  }

  /// Prints where the time of a step goes.
  func profile(_ backend: Backend) throws {
    let kernels = backend.makeKernels()
    let found = try StepProfile(recipe, kernels: kernels, MachineRates(kernels), steps: steps)
    let steps = Double(found.steps)
    let lines = found.lines.map { line in
      ProfiledKernel(
        kernel: line.name, calls: line.calls / found.steps, seconds: line.seconds / steps,
        stepShare: rounded(line.seconds / found.seconds),
        gflops: line.flops > 0 ? rounded(line.flops / line.seconds / 1e9) : nil,
        peakShare: line.flops > 0 ? rounded(line.peakShare) : nil,
        gbPerS: rounded(line.bytes / line.seconds / 1e9), copyShare: rounded(line.copyShare),
        bound: line.isBoundByProducts ? "products" : "memory")
    }
    let profile = Profile(
      precision: backend.precision.rawValue, threads: backend.threads,
      stepS: rounded(found.seconds / steps),
      kernelShare: rounded(found.kernelSeconds / found.seconds),
      peakShare: rounded(found.peakShare), kernels: lines)
    print(asJSON ? try JSONText.line(profile) : Self.table(profile))
  }

  private static func table(_ profile: Profile) -> String {
    func percent(_ share: Double) -> String { "\(Int((100 * share).rounded())) %" }
    let numbers = ["calls", "ms", "of step", "GFLOP/s", "of peak", "GB/s", "of copy"]
    let rows = profile.kernels.filter { $0.stepShare >= 0.001 }.map { line in
      [
        line.kernel, "\(line.calls)", Format.decimals(1000 * line.seconds, 2),
        percent(line.stepShare), line.gflops.map { "\(Int($0))" } ?? "",
        line.peakShare.map(percent) ?? "", Format.decimals(line.gbPerS, 1), percent(line.copyShare),
      ]
    }
    let table = TextTable([("kernel", .left)] + numbers.map { ($0, .right) }, rows)
    return table.text
      + "\n\na step takes \(Format.decimals(1000 * profile.stepS, 1)) ms, "
      + "\(percent(profile.kernelShare)) of it in kernels; it reaches \(percent(profile.peakShare)) of the "
      + "products' peak"
  }
}

extension MachineRates {
  /// The rates of the processor, on the threads that the backend uses.
  fileprivate init(_ kernels: CPUKernels) {
    self.init(
      productPeak: { kernels.measuredPeak(rounds: 3, repeats: 40) },
      copyRate: { kernels.copyRate(from: $0, to: $1, bytes: $2) })
  }
}
