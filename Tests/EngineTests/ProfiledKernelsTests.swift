import Bench
import Engine
import Kernels
import KernelsCPU
import Objective
import Tensor
import Testing

@Suite("A step whose kernels are timed")
struct ProfiledKernelsTests {
  @Test(
    "it computes the same bits, and every operation is counted for some kernel",
    arguments: [CenteringMethod.sinkhornKnopp, .centering])
  func same(_ centering: CenteringMethod) throws {
    func train(_ kernels: any Kernels) throws -> (weights: [Float], flops: Double) {
      let engine = try SmallRun.engine(images: 2, centering, kernels: kernels)
      let flops = (1...2).reduce(0.0) { sum, step in
        sum
          + engine.step([SmallRun.batch([step, step + 1])], SmallRun.values(lr: 1e-3, clip: 0.1))
          .flops
      }
      return (engine.values(of: .student), flops)
    }
    func backend() -> CPUKernels { CPUKernels(pool: WorkerPool(threads: 2)) }
    let plain = try train(backend())
    let base = backend()
    let profiled = ProfiledKernels(
      base,
      MachineRates(
        productPeak: { base.measuredPeak(rounds: 2, repeats: 20) },
        copyRate: { base.copyRate(from: $0, to: $1, bytes: $2) }))
    let timed = try train(profiled)
    #expect(timed.weights == plain.weights && timed.flops == plain.flops)
    let lines = profiled.lines
    #expect(abs(lines.reduce(0) { $0 + $1.flops } / timed.flops - 1) < 1e-9)
    #expect(lines.allSatisfy { $0.seconds > 0 && $0.calls > 0 && $0.peakShare.isFinite })
    #expect(lines == lines.sorted { $0.seconds > $1.seconds })
    let names = Set(lines.map { $0.name.prefix { $0 != " " } })
    for name in ["linear", "attention", "attentionBackward", "layerNorm", "adamW", "crossEntropy"] {
      #expect(names.contains(Substring(name)), "\(name) of \(names)")
    }
    #expect(names.contains("sinkhornKnopp") == (centering == .sinkhornKnopp))
    let line = try #require(lines.first { $0.name.hasPrefix("linear 24 → 72") })
    #expect(line.bytes > 0 && line.flops > 0, "a product knows its size")
  }
}
