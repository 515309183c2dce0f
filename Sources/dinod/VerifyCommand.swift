import KernelsCPU
import Tensor
import Trainer

#if canImport(Glibc)
  import Glibc
#endif

extension DaemonCommand {
  static let verify = DaemonCommand(
    name: "verify", operands: "CASE",
    summary: "computes a case recorded with the official method again, and compares",
    options: [], operandCount: 1...1
  ) { arguments in
    let pool = WorkerPool()
    let report = try RecordedCase(folder: arguments.operands[0])
      .verify { CPUKernels(pool: pool) }
    for family in CaseReport.Family.allCases {
      guard let worst = report.worst(family) else { continue }
      let verdict = worst.error <= family.tolerance ? "agrees" : "DIFFERS"
      print("\(verdict)  \(family.rawValue): worst \(Float(worst.error)) at \(worst.name)")
    }
    return report.failures.isEmpty ? 0 : 1
  }
}
