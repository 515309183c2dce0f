/// The linear classifiers that are trained together: the paper's grid of learning rates, of how
/// many blocks' CLS tokens they see, and of whether they see the mean of the patch tokens.
package struct LinearGrid: Sendable, Equatable {
  /// What some of the classifiers see of a feature table's rows.
  package struct Input: Sendable, Equatable {
    /// CLS tokens of so many of the last blocks.
    package let layers: Int
    /// The mean of the last block's patch tokens after them.
    package let pooled: Bool
    package let columns: Range<Int>
  }

  package let inputs: [Input]
  /// Already scaled to the batch.
  package let rates: [Double]

  /// Rates of the official code, for a batch of 256.
  package static let rates = [
    1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1,
  ]

  /// The paper's grid for a network of some depth, which may be less than four blocks.
  package init(embedDim: Int, depth: Int, batch: Int, rates: [Double] = Self.rates) {
    let most = Self.layers(depth: depth)
    var inputs: [Input] = []
    for layers in most > 1 ? [1, most] : [1] {
      for pooled in [false, true] {
        let start = (most - layers) * embedDim
        let end = (most + (pooled ? 1 : 0)) * embedDim
        inputs.append(Input(layers: layers, pooled: pooled, columns: start..<end))
      }
    }
    self.inputs = inputs
    self.rates = rates.map { $0 * Double(batch) / 256 }
  }

  /// Blocks whose CLS tokens are looked at.
  package static func layers(depth: Int) -> Int { max(1, min(4, depth)) }
}
