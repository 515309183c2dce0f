import Kernels
import KernelsCPU
import Objective
import Tensor
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("The coding-rate objective: cosines of pairs, and the rate of both networks' views")
struct CodingRateTests {
  private let kernels = CPUKernels(pool: WorkerPool(threads: 1))
  private let counts = CropCounts(images: 3, localCrops: 2)
  private let p = 5
  private let settings = CodingRate(epsilon: 0.3, weight: 2)
  private let loss: CodingRateLoss
  private let logits: Matrix
  private let target: Matrix
  private let scalars: Scalars
  /// The student's vectors and the teacher's.
  private let x: [Float]
  private let t: [Float]

  init() throws {
    let plan = ArenaPlan(alignment: 16)
    scalars = plan.scalars(LossSums.count)
    loss = CodingRateLoss(plan, counts: counts, width: p, settings)
    logits = plan.matrix(counts.cls, p)
    target = plan.matrix(counts.global, p)
    try kernels.reserve(plan)
    var random = CounterRandom(seed: 5, use: .test)
    x = (0..<counts.cls * 5).map { _ in random.uniform(-0.5, 0.5) }
    t = (0..<counts.global * 5).map { _ in random.uniform(-0.5, 0.5) }
    kernels.upload(t, to: target.buffer)
  }

  /// The losses of the student's vectors; their gradient is left in `logits`.
  private func losses(_ values: [Float]) -> Losses {
    kernels.upload(values, to: logits.buffer)
    kernels.fill(scalars.buffer, with: 0)
    loss(kernels, logits: logits, targets: target, weight: 0.5, sums: LossSums(scalars))
    var read = ScalarValues(of: scalars)
    kernels.read(into: &read)
    return Losses(LossSums(scalars), read, counts: counts)
  }

  @Test("the losses are those of the definition")
  func values() {
    let found = losses(x)
    func dot(_ row: Int, _ other: Int) -> Double {
      (0..<p).reduce(0.0) { $0 + Double(x[row * p + $1]) * Double(t[other * p + $1]) }
    }
    let global = (0..<6).reduce(0.0) { $0 - dot($1, $1) } / 3 / 6
    let local = (0..<6).reduce(0.0) { $0 - dot(6 + $1, $1 % 3) - dot(6 + $1, 3 + $1 % 3) } / 3 / 6
    #expect(abs(found.dinoGlobal - global) < 1e-6 && abs(found.dinoLocal - local) < 1e-6)
    #expect(abs(found.codingRate - expansion) < 1e-5)
    let sum = found.dinoGlobal + found.dinoLocal + found.codingRate
    #expect(abs(found.total(LossWeights(koleo: 0, ibot: 0)) - sum) < 1e-12)
  }

  @Test("the gradient is that of their sum")
  func gradient() {
    _ = losses(x)
    let gradient = kernels.download(logits.buffer)
    func total(_ values: [Float]) -> Double {
      let losses = losses(values)
      return 0.5 * (losses.dinoLocal + losses.dinoGlobal + losses.codingRate)
    }
    for place in x.indices {
      var (up, down) = (x, x)
      up[place] += 1e-2
      down[place] -= 1e-2
      let slope = (total(up) - total(down)) / 2e-2
      #expect(abs(slope - Double(gradient[place])) < 2e-3, "\(place)")
    }
  }

  /// −weight · γ · the mean over both crops of ½ ln det(I + p / (n ε) FᵀF), of three images.
  private var expansion: Double {
    let rates = (0..<2).map { 0.5 * log(determinant(views(of: $0))) }
    let gamma = Double(p + 3) / Double(3 * p)
    return -settings.weight * gamma * (rates[0] + rates[1]) / 2
  }

  /// F of a global crop: the mean of the student's and the teacher's vectors. The teacher's own view of crop 1 is
  /// the target of crop 2.
  private func views(of crop: Int) -> [Double] {
    let size = 3 * p
    return (0..<size).map { place -> Double in
      let student = Double(x[crop * size + place])
      let teacher = Double(t[(1 - crop) * size + place])
      return (student + teacher) / 2
    }
  }

  /// The determinant of the 3 × 3 matrix I + c FFᵀ, which is that of I + c FᵀF.
  private func determinant(_ f: [Double]) -> Double {
    let c = Double(p) / (3 * settings.epsilon)
    func element(_ i: Int, _ j: Int) -> Double {
      var sum = 0.0
      for k in 0..<p { sum += f[i * p + k] * f[j * p + k] }
      return (i == j ? 1.0 : 0.0) + c * sum
    }
    func minor(_ a: Int, _ b: Int) -> Double {
      element(1, a) * element(2, b) - element(1, b) * element(2, a)
    }
    let first = element(0, 0) * minor(1, 2)
    let second = element(0, 1) * minor(0, 2)
    let third = element(0, 2) * minor(0, 1)
    return first - second + third
  }
}
