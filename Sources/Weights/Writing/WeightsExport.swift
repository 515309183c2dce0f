import History
import Model
import Recipe
import Run
import Store
import Support

/// Weights to be exported: a backbone, its heads, and the record of its training.
package struct WeightsExport {
  /// A tensor of a projection head, under its official name.
  struct HeadTensor {
    let name: String
    let shape: [Int]
    let values: [Float]
  }

  /// The weights of the backbone.
  package let weights: BackboneWeights
  let heads: [HeadTensor]
  let recipe: Recipe?
  /// Which of a checkpoint's networks this is. `nil` if the weights are not from a checkpoint.
  let part: NetworkPart?
  /// The number of training steps done. `nil` if the weights are not from a checkpoint.
  let step: Int?
  /// Where the weights are from, or those of the teacher that they were distilled from. `nil` if a run made them
  /// from images alone.
  let origin: WeightsOrigin?
  /// The history of the run. `nil` if the weights are not from a run.
  let record: RunRecord?

  /// Reads the weights and the run's history.
  ///
  /// - Parameter withHeads: whether to read the heads; `false` if the format cannot hold them.
  package init(_ input: WeightsInput, withHeads: Bool) throws(FileError) {
    try input.refuseRotary("to convert")
    weights = try input.backbone()
    heads = withHeads ? try input.heads() : []
    recipe = input.recipe
    part = input.part
    origin = input.origin()
    step = input.checkpoint?.step
    record = input.run.flatMap { try? HistoryReader(directory: $0).record() }
  }

  /// Weights of a backbone alone, of which nothing else is known.
  init(_ weights: BackboneWeights) {
    self.weights = weights
    (heads, recipe, part, step, origin, record) = ([], nil, nil, nil, nil, nil)
  }

  /// The names of the heads' tensors.
  package var headNames: [String] { heads.map(\.name) }
}

extension WeightsInput {
  /// The head tensors that accompany the backbone.
  fileprivate func heads() throws(FileError) -> [WeightsExport.HeadTensor] {
    var heads: [WeightsExport.HeadTensor] = []
    for (name, entry) in tensors.entries.sorted(by: { $0.key < $1.key })
    where !name.hasPrefix("backbone.") {
      heads.append(.init(name: name, shape: entry.shape, values: try tensors.floats(name)))
    }
    return heads
  }
}
