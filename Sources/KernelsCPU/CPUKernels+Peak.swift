import CVector
import Kernels

#if canImport(Glibc)
  import Glibc
#endif

extension CPUKernels {
  /// What the processor's matrix units give at the most, in operations a second over all threads:
  /// the tile of products on factors that never leave the first caches. The best of a few tries.
  package func measuredPeak() -> Double {
    let (m, n, slots, rounds) = (96, 64, 128, 200)
    reserveWorkspace(m * slots + n * slots + m * n)
    for workspace in workspaces {
      for i in 0..<m * slots + n * slots { workspace[i] = 1 }
    }
    let operations =
      2.0 * Double(m * n * slots * precision.elementsPerSlot * rounds * pool.threads)
    var best = 0.0
    for _ in 0..<8 {
      let start = Self.now()
      pool.run(chunks: pool.threads) { _, worker in
        let a = workspaces[worker]
        let b = a + m * slots
        for _ in 0..<rounds {
          multiplyPanels(
            precision, m: m, n: n, k: slots,
            LeftFactor(data: a, rowStride: slots, innerStride: 1),
            Panels(data: b, stride: 16 * slots), start: .zero, into: b + n * slots, stride: n)
        }
      }
      best = max(best, operations / (Self.now() - start))
    }
    return best
  }

  /// What multiplies the factors of layers' products on this machine, by its usual name.
  package var matrixUnits: String {
    switch precision {
    case .bf16 where precision.isTiled: "AMX"
    case .bf16 where Self.hasBF16Units: "AVX-512 BF16"
    case .bf16: "no units of bfloat16"
    case .fp32: dino_wide_registers() != 0 ? "AVX-512" : "vectors"
    }
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
