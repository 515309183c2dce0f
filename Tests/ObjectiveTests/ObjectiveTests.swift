import Kernels
import KernelsCPU
import Objective
import Tensor
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("The objective's losses are what the paper states")
struct ObjectiveTests {
  private let kernels = CPUKernels(pool: WorkerPool(threads: 1))
  private let plan: ArenaPlan
  /// Where the losses are summed up.
  private let scalars: Scalars

  init() {
    plan = ArenaPlan(alignment: 16)
    scalars = plan.scalars(LossSums.count)
  }

  /// The losses whose sums `body` makes from zero.
  private func losses(_ counts: CropCounts, _ body: (LossSums) -> Void) -> Losses {
    kernels.fill(scalars.buffer, with: 0)
    body(LossSums(scalars))
    var values = ScalarValues(of: scalars)
    kernels.read(into: &values)
    return Losses(LossSums(scalars), values, counts: counts)
  }

  /// −Σ target · log softmax(logits / 0.1), in double precision.
  private func crossEntropy(_ logits: ArraySlice<Float>, _ target: [Float]) -> Double {
    let scaled = logits.map { Double($0) / 0.1 }
    let top = scaled.max()!
    let logSum = top + log(scaled.reduce(0) { $0 + exp($1 - top) })
    return zip(target, scaled).reduce(0) { $0 - Double($1.0) * ($1.1 - logSum) }
  }

  private func numbers(_ count: Int, _ random: inout CounterRandom) -> [Float] {
    (0..<count).map { _ in random.uniform(-0.5, 0.5) }
  }

  /// Rows of probabilities.
  private func targets(_ rows: Int, _ columns: Int, _ random: inout CounterRandom) -> [Float] {
    (0..<rows).flatMap { _ in
      let row = (0..<columns).map { _ in random.uniform() }
      let sum = row.reduce(0, +)
      return row.map { $0 / sum }
    }
  }

  /// Sums of the cross-entropies of three images' two global and four local crops.
  private func naive(_ x: [Float], _ t: [Float], _ k: Int) -> (global: Double, local: Double) {
    func row(_ values: [Float], _ r: Int) -> ArraySlice<Float> { values[r * k..<(r + 1) * k] }
    var global = 0.0
    for r in 0..<6 { global += crossEntropy(row(x, r), Array(row(t, r))) }
    var local = 0.0
    for crop in 0..<4 {
      for image in 0..<3 {
        for side in 0..<2 {
          local += crossEntropy(row(x, 6 + crop * 3 + image), Array(row(t, side * 3 + image)))
        }
      }
    }
    return (global, local)
  }

  @Test("every pair of student crop and other crop's target counts alike")
  func dino() throws {
    let counts = CropCounts(images: 3, localCrops: 4)
    let k = 17
    let loss = DinoLoss(plan, counts: counts, prototypes: k)
    let logits = plan.matrix(counts.cls, k)
    let target = plan.matrix(counts.global, k)
    try kernels.reserve(plan)
    var random = CounterRandom(seed: 2, use: .test)
    let x = numbers(counts.cls * k, &random)
    let t = targets(counts.global, k, &random)
    kernels.upload(x, to: logits.buffer)
    kernels.upload(t, to: target.buffer)
    let found = losses(counts) {
      loss(kernels, logits: logits, targets: target, weight: 1, sums: $0)
    }

    let (global, local) = naive(x, t, k)
    // Batch mean of each of 2 + 2·4 terms.
    #expect(abs(found.dinoGlobal - global / 3 / 10) < 1e-5)
    #expect(abs(found.dinoLocal - local / 3 / 10) < 1e-5)

    // The gradient left behind is that of the sum of both.
    let gradient = kernels.download(logits.buffer)
    func total(_ values: [Float]) -> Double {
      kernels.upload(values, to: logits.buffer)
      let losses = losses(counts) {
        loss(kernels, logits: logits, targets: target, weight: 1, sums: $0)
      }
      return losses.dinoLocal + losses.dinoGlobal
    }
    for place in [0, 40, 101, 113, 200, 305] {
      var (up, down) = (x, x)
      up[place] += 1e-2
      down[place] -= 1e-2
      let slope = (total(up) - total(down)) / 2e-2
      #expect(abs(slope - Double(gradient[place])) < 1e-2 * max(abs(slope), 1e-2))
    }
  }

  @Test("uniform output shows the values of a collapsed run: (16/18) ln K and (2/18) ln K")
  func collapsed() throws {
    let counts = CropCounts(images: 2, localCrops: 8)
    let loss = DinoLoss(plan, counts: counts, prototypes: 64)
    let logits = plan.matrix(counts.cls, 64)
    let target = plan.matrix(counts.global, 64)
    try kernels.reserve(plan)
    kernels.fill(target.buffer, with: 1 / 64)
    let found = losses(counts) {
      loss(kernels, logits: logits, targets: target, weight: 1, sums: $0)
    }
    #expect(abs(found.dinoLocal - 16 / 18 * log(64)) < 1e-4)
    #expect(abs(found.dinoGlobal - 2 / 18 * log(64)) < 1e-4)
  }

  @Test("masked patches share their crop's weight, crops without a mask count too")
  func masks() {
    var masked = MaskedPatches(most: 6)
    masked.choose(nil, crops: 2, patchesEach: 3)
    #expect(masked.patches == [0, 1, 2, 3, 4, 5])
    #expect(masked.shares.map { ($0 * 6).rounded() } == [1, 1, 1, 1, 1, 1])
    masked.choose([0, 1, 1, 0, /**/ 0, 0, 0, 0, /**/ 1, 1, 1, 1], crops: 3, patchesEach: 4)
    #expect(masked.patches == [1, 2, 8, 9, 10, 11])
    #expect(masked.shares.map { ($0 * 12).rounded() } == [2, 2, 1, 1, 1, 1])
  }

  @Test("the patch loss weighs each masked patch by its share")
  func ibot() throws {
    let loss = IbotLoss(plan, maximum: 8)
    let logits = plan.matrix(3, 5)
    let target = plan.matrix(3, 5)
    try kernels.reserve(plan)
    var random = CounterRandom(seed: 4, use: .test)
    let x = numbers(15, &random)
    let t = targets(3, 5, &random)
    kernels.upload(x, to: logits.buffer)
    kernels.upload(t, to: target.buffer)
    let shares: [Float] = [0.5, 0.25, 0.25]
    let one = CropCounts(images: 1, localCrops: 0)
    let found = losses(one) {
      loss(
        kernels, logits: logits, targets: target, shares: shares[...], weight: 2, sums: $0)
    }
    var expected = 0.0
    for (row, share) in shares.enumerated() {
      let range = row * 5..<row * 5 + 5
      expected += Double(share) * crossEntropy(x[range], Array(t[range]))
    }
    #expect(abs(found.ibot - expected) < 1e-5)
    let none = losses(one) {
      loss(
        kernels, logits: logits.first(0), targets: target.first(0), shares: [], weight: 2,
        sums: $0)
    }
    #expect(none == Losses())
  }

  @Test("KoLeo sums over both global crops, each by itself; one image has none")
  func koleo() throws {
    let pair = KoLeoLoss(plan, images: 2, width: 2)
    let single = KoLeoLoss(plan, images: 1, width: 2)
    let x = plan.matrix(4, 2)
    let dx = plan.matrix(4, 2)
    try kernels.reserve(plan)
    // Crop 1: a right angle, distance √2. Crop 2: opposite, distance 2.
    kernels.upload([3, 0, 0, 5, 1, 1, -2, -2], to: x.buffer)
    let counts = CropCounts(images: 2, localCrops: 0)
    let found = losses(counts) { pair(kernels, x, weight: 1, dx: dx, sums: $0) }
    #expect(abs(found.koleo - (-log(2.0.squareRoot()) - log(2.0))) < 1e-5)
    let none = losses(CropCounts(images: 1, localCrops: 0)) {
      single(kernels, x.first(2), weight: 1, dx: dx.first(2), sums: $0)
    }
    #expect(none == Losses())
  }

  @Test("the paper's KoLeo leaves the second global crop alone")
  func koleoOfFirstCrop() throws {
    let first = KoLeoLoss(plan, images: 2, width: 2, crops: 1)
    let both = KoLeoLoss(plan, images: 2, width: 2)
    let x = plan.matrix(4, 2)
    let (dx, dBoth) = (plan.matrix(4, 2), plan.matrix(4, 2))
    try kernels.reserve(plan)
    kernels.upload([3, 0, 0, 5, 1, 2, -2, 1], to: x.buffer)
    let counts = CropCounts(images: 2, localCrops: 0)
    let found = losses(counts) { first(kernels, x, weight: 1, dx: dx, sums: $0) }
    _ = losses(counts) { both(kernels, x, weight: 1, dx: dBoth, sums: $0) }
    #expect(abs(found.koleo + log(2.0.squareRoot())) < 1e-5)
    let (one, two) = (kernels.download(dx.buffer), kernels.download(dBoth.buffer))
    #expect(Array(one.prefix(4)) == Array(two.prefix(4)) && one.prefix(4).contains { $0 != 0 })
    #expect(one.suffix(4).allSatisfy { $0 == 0 } && two.suffix(4).contains { $0 != 0 })
  }

  @Test("the center that counts is the one before the batch")
  func centering() throws {
    let centering = Centering(plan, method: .centering, prototypes: 3)
    let logits = plan.matrix(2, 3)
    try kernels.reserve(plan)
    func targets(_ values: [Float]) -> [Float] {
      kernels.upload(values, to: logits.buffer)
      centering.targets(kernels, [logits], temperature: 1)
      centering.finish(kernels)
      return kernels.download(logits.buffer)
    }
    let first = targets([1, 0, 0, 1, 0, 0])
    let plain = exp(1.0) / (exp(1.0) + 2)
    #expect(abs(Double(first[0]) - plain) < 1e-5)
    // Now the center is a tenth of the first batch's mean.
    let second = targets([1, 0, 0, 1, 0, 0])
    let moved = exp(0.9) / (exp(0.9) + 2)
    #expect(abs(Double(second[0]) - moved) < 1e-5)
  }

  @Test("over several batches the center moves once, by the mean of their means")
  func centeringOfSeveral() throws {
    let centering = Centering(plan, method: .centering, prototypes: 2)
    let logits = plan.matrix(2, 2)
    try kernels.reserve(plan)
    kernels.upload([1, 2], to: centering.center!)
    // The last has no masked patches, and no say.
    let batches: [[Float]] = [[4, 0, 6, 0], [1, 1, 1, 1], [0, 8, 0, 8], []]
    for (number, batch) in batches[..<3].enumerated() {
      #expect(kernels.download(centering.center!) == [1, 2])
      kernels.upload(batch, to: logits.buffer)
      centering.targets(kernels, [logits], temperature: 1, microBatch: MicroBatch(number, of: 3))
      // Each batch's targets are made with the center before the step.
      let odds = exp(Double(batch[0] - 1) - Double(batch[1] - 2))
      #expect(abs(Double(kernels.download(logits.buffer)[0]) - odds / (1 + odds)) < 1e-5)
    }
    #expect(
      kernels.download(centering.center!) == [1, 2], "not before the step is known to be sound")
    centering.finish(kernels)
    // A tenth of the way from (1, 2) to the mean of (5, 0), (1, 1) and (0, 8), which is (2, 3).
    for (found, expected) in zip(kernels.download(centering.center!), [1.1, 2.1]) {
      #expect(abs(Double(found) - expected) < 1e-6)
    }
    for (number, batch) in batches[2...].enumerated() {
      if !batch.isEmpty { kernels.upload(batch, to: logits.buffer) }
      centering.targets(
        kernels, [logits.first(batch.count / 2)], temperature: 1,
        microBatch: MicroBatch(number, of: 2))
    }
    centering.finish(kernels)
    // Of two halves of a tenth only the first is taken, and what was there keeps the rest.
    for (found, expected) in zip(kernels.download(centering.center!), [1.0421, 2.4105]) {
      #expect(abs(Double(found) - expected) < 1e-3)
    }
  }

  @Test("Sinkhorn-Knopp gives every prototype and every sample the same share")
  func sinkhorn() throws {
    let centering = Centering(plan, method: .sinkhornKnopp, prototypes: 6)
    let logits = plan.matrix(12, 6)
    try kernels.reserve(plan)
    var random = CounterRandom(seed: 8, use: .test)
    kernels.upload(numbers(72, &random).map { $0 * 0.2 }, to: logits.buffer)
    centering.targets(kernels, [logits], temperature: 0.07)
    let q = kernels.download(logits.buffer)
    for row in 0..<12 {
      let sum: Float = q[row * 6..<row * 6 + 6].reduce(0, +)
      #expect(abs(sum - 1) < 1e-5)
    }
    for column in 0..<6 {
      let sum: Float = stride(from: column, to: 72, by: 6).reduce(0) { $0 + q[$1] }
      #expect(abs(sum - 2) < 0.2)
    }
    centering.targets(kernels, [logits.first(0)], temperature: 0.07)
  }
}
