import History
import Model
import Recipe
import Run
import Store
import Support

/// Weights on their way out: a backbone, its heads, and what is known of how they were made.
package struct WeightsExport {
  /// A tensor of a projection head, under its official name.
  struct HeadTensor {
    let name: String
    let shape: [Int]
    let values: [Float]
  }

  package let weights: BackboneWeights
  let heads: [HeadTensor]
  let recipe: Recipe?
  /// Which network of a checkpoint it is; nil: it is from elsewhere.
  let part: NetworkPart?
  /// Training steps done, where they are known.
  let step: Int?
  /// The run's history up to that step.
  let record: RunRecord?

  /// Reads everything.
  ///
  /// - Parameter withHeads: false where the format has no room for them.
  package init(_ input: WeightsInput, withHeads: Bool) throws(FileError) {
    weights = try input.backbone()
    heads = withHeads ? try input.heads() : []
    recipe = input.recipe
    part = input.part
    step = input.checkpoint?.step
    record = input.run.flatMap { try? HistoryReader(directory: $0).record() }
  }

  /// The names of the heads' tensors.
  package var headNames: [String] { heads.map(\.name) }
}

extension WeightsInput {
  /// The tensors of the heads that stand beside the backbone.
  fileprivate func heads() throws(FileError) -> [WeightsExport.HeadTensor] {
    var heads: [WeightsExport.HeadTensor] = []
    for (name, entry) in tensors.entries.sorted(by: { $0.key < $1.key })
    where !name.hasPrefix("backbone.") {
      heads.append(.init(name: name, shape: entry.shape, values: try tensors.floats(name)))
    }
    return heads
  }
}
