import CVector
import Kernels

#if canImport(Glibc)
  import Glibc
#endif

extension CPUKernels {
  /// Measures the peak rate of matrix products, in floating-point operations per second over all
  /// threads: the tile of products, with factors that stay in the first-level caches. Returns the
  /// best of some rounds.
  ///
  /// - Parameter repeats: how often the tile is computed in a round, by each thread.
  package func measuredPeak(rounds: Int = 8, repeats: Int = 200) -> Double {
    let (m, n, slots) = (96, 64, 128)
    reserveWorkspace(m * slots + n * slots + m * n)
    for workspace in workspaces {
      for i in 0..<m * slots + n * slots { workspace[i] = 1 }
    }
    let operations =
      2.0 * Double(m * n * slots * precision.elementsPerSlot * repeats * pool.threads)
    var best = 0.0
    for _ in 0..<rounds {
      let start = Self.now()
      pool.run(chunks: pool.threads) { _, worker in
        let a = workspaces[worker]
        let b = a + m * slots
        for _ in 0..<repeats {
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

  /// Copies memory on all threads. Returns the rate in bytes a second, those that are read and those that are
  /// written.
  package func copyRate(
    from source: UnsafeMutableRawPointer, to target: UnsafeMutableRawPointer, bytes: Int
  ) -> Double {
    let each = bytes / pool.threads
    let start = Self.now()
    pool.run(chunks: pool.threads) { chunk, _ in
      memcpy(target + chunk * each, source + chunk * each, each)
    }
    return Double(2 * each * pool.threads) / (Self.now() - start)
  }

  /// The usual name of the processor's units that compute the products of layers.
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
