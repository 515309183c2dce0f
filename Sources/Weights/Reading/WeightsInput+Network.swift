import Model
import Store
import Support

/// The initial values of a student and its teacher that start from pretrained weights.
package struct PretrainedStart: Sendable {
  /// The values in the order of the network's layout.
  package var values: [Float]
  /// The heads taken from the file: `dino_head`, `ibot_head`.
  package var heads: [String] = []
  /// For each head in the file that does not fit the network and is initialised afresh, the reason.
  package var unfitHeads: [String] = []
  /// The side of the position grid in the file if it was resized, otherwise `nil`.
  package var resizedFrom: Int?
  /// The channels of the images that the file's weights are for, if they were adapted to others.
  package var adaptedFrom: Int?
  /// Official names that the file lacks. These tensors keep their fresh values.
  package var missing: [String] = []
  /// Names in the file that the network does not use.
  package var leftOver: [String] = []
}

extension WeightsInput {
  /// Throws if a backbone tensor has another shape than in the network. Reads no values.
  /// The grid of positions and the channels of images may differ.
  package func check(_ network: NetworkShape) throws(FileError) {
    try refuseRotary("to begin a run with")
    // No tensor shows how many heads share its width.
    try Claim.check(
      facts.claims.filter { $0.size == .heads }, network.backbone, of: "the recipe's students")
    for parameter in network.layout.parameters(of: "backbone.") {
      guard let entry = tensors.entries[parameter.name] else { continue }
      if parameter.name == BackboneShape.positions,
        network.backbone.grid(ofPositions: entry.shape) != nil
      {
        continue
      }
      if parameter.name == BackboneShape.patchEmbedding,
        network.backbone.channels(ofPatchEmbedding: entry.shape) != nil
      {
        continue
      }
      try tensors.check(entry, parameter)
    }
  }

  /// Replaces a fresh network's values with those of the file.
  ///
  /// Throws if a backbone tensor has another shape, except the positions, which are resized as the
  /// network resizes them, and the embedding of patches, which is adapted to other channels. A head is used only if all of its tensors are present and fit.
  package func start(
    _ network: NetworkShape, fresh: [Float]
  ) throws(FileError) -> PretrainedStart {
    try check(network)
    let layout = network.layout
    var start = PretrainedStart(values: fresh)
    var used: Set<String> = []
    for parameter in layout.parameters(of: "backbone.") {
      guard let entry = tensors.entries[parameter.name] else {
        start.missing.append(parameter.name)
        continue
      }
      used.insert(parameter.name)
      let values = try tensors.floats(parameter.name)
      start.values.replaceSubrange(
        parameter.range,
        with: network.backbone.fitted(values, of: entry.shape, parameter, &start))
    }
    for head in ["dino_head", "ibot_head"] {
      used.formUnion(try continueHead(head, layout.parameters(of: head + "."), &start))
    }
    start.leftOver = tensors.leftOver + tensors.names(except: used)
    return start
  }

  /// Uses the file's values for a head if they fit. Returns the head's names that the file has.
  private func continueHead(
    _ head: String, _ parameters: ArraySlice<Parameter>, _ start: inout PretrainedStart
  ) throws(FileError) -> [String] {
    let known = parameters.map(\.name).filter { tensors.entries[$0] != nil }
    if parameters.isEmpty { return [] }
    if known.isEmpty {
      start.missing += parameters.map(\.name)
    } else if let problem = problem(parameters) {
      start.unfitHeads.append("\(head) starts from random weights: \(problem)")
    } else {
      start.heads.append(head)
      for parameter in parameters {
        start.values.replaceSubrange(parameter.range, with: try tensors.floats(parameter.name))
      }
    }
    return known
  }

  /// Returns the reason why a head cannot be used, or `nil` if it can.
  private func problem(_ parameters: ArraySlice<Parameter>) -> String? {
    for parameter in parameters {
      guard let entry = tensors.entries[parameter.name] else {
        return "the file has no \(parameter.name)"
      }
      if entry.shape != parameter.shape {
        return "\(parameter.name) has shape \(entry.shape), the recipe needs \(parameter.shape)"
      }
    }
    return nil
  }
}

extension BackboneShape {
  /// Returns the values of a tensor as the network has them, and notes what became of them.
  fileprivate func fitted(
    _ values: [Float], of shape: [Int], _ parameter: Parameter, _ start: inout PretrainedStart
  ) -> [Float] {
    if shape == parameter.shape { return values }
    switch parameter.name {
    case Self.positions:
      guard let grid = grid(ofPositions: shape) else { return values }
      start.resizedFrom = grid
      return resizing(from: grid)(values, width: embedDim)
    case Self.patchEmbedding:
      guard let channels = channels(ofPatchEmbedding: shape) else { return values }
      start.adaptedFrom = channels
      return adaptPatchEmbedding(values, from: channels)
    default: return values
    }
  }
}

extension OfficialTensors {
  /// Returns the names in the file of all official tensors except `used`, sorted.
  func names(except used: Set<String>) -> [String] {
    entries.filter { !used.contains($0.key) }.values.flatMap { entry in
      entry.pieces.compactMap { piece in
        switch piece {
        case .tensor(let name), .part(let name, _): name
        case .zeros: nil
        }
      }
    }.sorted()
  }
}
