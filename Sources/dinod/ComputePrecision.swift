import CommandKit
import KernelsCPU
import Recipe

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// The precision that a recipe asks for, as this processor can give it.
struct ComputePrecision {
  let precision: Precision
  /// What a person should know: that it was asked for and is not to be had.
  let notice: String?

  /// Of a command that computes features: fp32 unless `--precision` says otherwise.
  init(_ arguments: Arguments) throws(UsageError) {
    self.init(try arguments.choice("--precision") ?? .fp32)
  }

  /// The precision, the notice said on the way.
  func orNotice() -> Precision {
    if let notice { fputs("dinod: \(notice)\n", stderr) }
    return precision
  }

  init(_ wanted: Recipe.ComputePrecision) {
    switch wanted {
    case .fp32: (precision, notice) = (.fp32, nil)
    case .auto: (precision, notice) = (CPUKernels.hasBF16Units ? .bf16 : .fp32, nil)
    case .bf16 where CPUKernels.hasBF16Units: (precision, notice) = (.bf16, nil)
    case .bf16:
      precision = .fp32
      notice =
        "this processor, or the one dinod was built for, multiplies no bfloat16: "
        + "computing in fp32"
    }
  }
}
