/// The grid of linear classifiers that are trained together, as in the paper: learning rates, the
/// number of last blocks whose CLS tokens are the input, and whether the mean patch token is too.
package struct LinearGrid: Sendable, Equatable {
  /// The input of a classifier: some columns of a feature table.
  package struct Input: Sendable, Equatable {
    /// The number of last blocks whose CLS tokens are included.
    package let layers: Int
    /// Whether the mean of the last block's patch tokens follows them.
    package let pooled: Bool
    package let columns: Range<Int>
  }

  package let inputs: [Input]
  /// The learning rates, scaled to the batch.
  package let rates: [Double]

  /// The learning rates of the official code, for a batch of 256.
  package static let rates = [
    1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1,
  ]

  /// The paper's grid: CLS tokens of the last block, and of the last four or of all if there are
  /// fewer.
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

  /// The last block's CLS tokens alone, of which a row of a table consists.
  package init(clsOf embedDim: Int, batch: Int, rates: [Double] = Self.rates) {
    inputs = [Input(layers: 1, pooled: false, columns: 0..<embedDim)]
    self.rates = rates.map { $0 * Double(batch) / 256 }
  }

  /// The number of last blocks whose CLS tokens the grid needs.
  package static func layers(depth: Int) -> Int { max(1, min(4, depth)) }
}
