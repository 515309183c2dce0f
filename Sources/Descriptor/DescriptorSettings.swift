import Model

#if canImport(Glibc)
  import Glibc
#endif

/// How a descriptor of copies is trained: the size of its network, of its batches and of its views, and
/// the objective (SSCD, Pizzi et al. 2022).
package struct DescriptorSettings: Sendable {
  /// The side of a view, in pixels, and of a patch.
  package var size = 64
  package var patch = 8
  package var embedDim = 96
  package var depth = 2
  /// Images of a step, of each of which two views are compared.
  package var images = 128
  /// The temperature of InfoNCE.
  package var temperature: Float = 0.05
  /// The weight of KoLeo, which the paper calls the entropy term.
  package var koleoWeight: Float = 5
  package var learningRate = 1e-3
  package var weightDecay = 0.02
  /// The largest norm of the gradient.
  package var clip = 3.0
  /// The momentum of the moving average, which is the result.
  package var momentum = 0.99
  package var seed: UInt64 = 0
  /// The mean and the standard deviation of each channel, for values in 0 … 1.
  package let mean: [Float]
  package let std: [Float]

  package init(mean: [Float], std: [Float]) { (self.mean, self.std) = (mean, std) }

  /// The network. Its CLS token is the descriptor.
  package var shape: BackboneShape {
    BackboneShape(
      embedDim: embedDim, depth: depth, numHeads: embedDim / 32, patchSize: patch,
      grid: size / patch,
      hiddenWidth: 4 * embedDim, layerScale: 1)
  }

  /// Returns the learning rate at a share of the training: a rise over the first twentieth, then half a
  /// cosine to 0.
  func learningRate(at share: Double) -> Double {
    let warmup = 0.05
    guard share > warmup else { return learningRate * share / warmup }
    let rest = min(1, (share - warmup) / (1 - warmup))
    return learningRate * max(0, 0.5 * (1 + cos(rest * .pi)))
  }
}
