import CVector
import Kernels
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

extension CPUKernels {
  package func adamW(
    _ parameters: Buffer, gradients: Buffer, expAvg: Buffer, expAvgSq: Buffer, average: Buffer,
    segments: [ParameterSegment], settings: AdamWSettings
  ) {
    precondition(gradients.count == parameters.count && settings.step > 0)
    precondition(expAvg.count == parameters.count && expAvgSq.count == parameters.count)
    precondition(average.count == parameters.count)
    precondition(
      segments.allSatisfy { $0.range.lowerBound >= 0 && $0.range.upperBound <= parameters.count })
    let (p, g) = (pointer(parameters), pointer(gradients))
    let (m, v, mean) = (pointer(expAvg), pointer(expAvgSq), pointer(average))
    parallel(parameters.count, cost: 1, grain: 65_536) { range in
      for segment in segments {
        let part = segment.range.clamped(to: range)
        guard !part.isEmpty else { continue }
        let first = part.lowerBound
        AdamWRule(segment, settings).update(
          part.count, p + first, g + first, m + first, v + first, average: mean + first)
      }
    }
  }

  package func addSumOfSquares(_ x: Buffer, to result: Scalar) {
    pointer(result).pointee += sumOfProducts(x, x)
  }

  package func addSum(_ x: Buffer, weights: Buffer?, to result: Scalar) {
    precondition(weights == nil || weights!.count >= x.count)
    pointer(result).pointee += sumOfProducts(x, weights)
  }

  /// Returns Σ a · b in double precision; Σ a if `b` is `nil`. Parts of 65,536 elements are added
  /// in order.
  private func sumOfProducts(_ a: Buffer, _ b: Buffer?) -> Double {
    let size = 65_536
    let parts = (a.count + size - 1) / size
    let left = pointer(a)
    let right = b.map(pointer)
    let results = UnsafeMutableRawPointer(sharedWorkspace(2 * parts))
      .bindMemory(to: Double.self, capacity: parts)
    pool.run(chunks: parts) { part, _ in
      let first = part * size
      results[part] = sumInDoubles(
        min(size, a.count - first), left + first, right.map { $0 + first })
    }
    return (0..<parts).reduce(0) { $0 + results[$1] }
  }
}

@inline(__always)
private func sumInDoubles(_ count: Int, _ a: Pointer, _ b: Pointer?) -> Double {
  var low = SIMD8<Double>.zero
  var high = SIMD8<Double>.zero
  forEachVector(count) { i, lanes in
    let x = load(a + i, lanes)
    let y = b.map { load($0 + i, lanes) } ?? .one
    low.addProduct(SIMD8<Double>(x.lowHalf), SIMD8<Double>(y.lowHalf))
    high.addProduct(SIMD8<Double>(x.highHalf), SIMD8<Double>(y.highHalf))
  }
  return (low + high).sum()
}

/// PyTorch's AdamW (Loshchilov and Hutter 2019) for parameters with the same hyperparameters:
/// p ← p (1 − lr · decay); m ← m + (g − m)(1 − β₁); v ← β₂ v + (1 − β₂) g²;
/// p ← p − lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + eps). Then average ← momentum · average +
/// (1 − momentum) p.
private struct AdamWRule {
  private let gradientScale: Float
  private let shrink: Float
  private let rate1: Float
  private let beta2: Float
  private let rate2: Float
  private let rootScale: Float
  private let eps: Float
  private let stepSize: Float
  private let momentum: Float

  init(_ segment: ParameterSegment, _ settings: AdamWSettings) {
    let step = Double(settings.step)
    gradientScale = segment.gradientScale
    shrink = Float(1 - Double(segment.lr) * Double(segment.weightDecay))
    rate1 = Float(1 - Double(settings.beta1))
    beta2 = settings.beta2
    rate2 = Float(1 - Double(settings.beta2))
    rootScale = Float(1 / (1 - pow(Double(settings.beta2), step)).squareRoot())
    eps = settings.eps
    momentum = settings.momentum
    stepSize = Float(-Double(segment.lr) / (1 - pow(Double(settings.beta1), step)))
  }

  @inline(__always)
  func update(
    _ count: Int, _ p: Pointer, _ g: Pointer, _ m: Pointer, _ v: Pointer, average: Pointer
  ) {
    forEachVector(count) { i, lanes in
      let gradient = load(g + i, lanes) * gradientScale
      var mean = load(m + i, lanes)
      mean.addProduct(gradient - mean, Vector(repeating: rate1))
      let square = (load(v + i, lanes) * beta2).addingProduct(
        gradient * gradient, .init(repeating: rate2))
      let divisor = Vector(repeating: eps).addingProduct(
        dino_square_root(square), Vector(repeating: rootScale))
      let decayed = load(p + i, lanes) * shrink
      store(mean, m + i, lanes)
      store(square, v + i, lanes)
      let updated = decayed.addingProduct(mean / divisor, Vector(repeating: stepSize))
      store(updated, p + i, lanes)
      let kept = load(average + i, lanes) * momentum
      store(kept.addingProduct(updated, Vector(repeating: 1 - momentum)), average + i, lanes)
    }
  }
}
