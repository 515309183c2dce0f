import Model
import Store
import Support

/// What a student and its teacher begin with, where they do not begin at random.
package struct PretrainedStart: Sendable {
  /// In the order of the network's layout.
  package var values: [Float]
  /// The heads that go on from the file's: `dino_head`, `ibot_head`.
  package var heads: [String] = []
  /// Why a head that the file has begins anew all the same.
  package var unfitHeads: [String] = []
  /// The side of the file's grid of positions, where it was resized.
  package var resizedFrom: Int?
  /// Official names that the file does not have; they begin as in a fresh network.
  package var missing: [String] = []
  /// The file's names that the network has no use for.
  package var leftOver: [String] = []
}

extension WeightsInput {
  /// Refuses a tensor of the backbone that a network has in another shape, without reading any. The
  /// grid of positions may differ.
  package func check(_ network: NetworkShape) throws(FileError) {
    for parameter in network.layout.parameters(of: "backbone.") {
      guard let entry = tensors.entries[parameter.name] else { continue }
      if parameter.name == BackboneShape.positions,
        network.backbone.grid(ofPositions: entry.shape) != nil
      {
        continue
      }
      try tensors.check(entry, parameter)
    }
  }

  /// Puts the tensors into a fresh network's values. One of the backbone's with another shape is
  /// refused, but for positions, which are resized as the network resizes them; a head goes on where
  /// all of it is there and fits.
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
      if parameter.name == BackboneShape.positions, entry.shape != parameter.shape,
        let grid = network.backbone.grid(ofPositions: entry.shape)
      {
        start.resizedFrom = grid
        let resized = network.backbone.resizing(from: grid)(
          try tensors.floats(parameter.name), width: network.backbone.embedDim)
        start.values.replaceSubrange(parameter.range, with: resized)
      } else {
        start.values.replaceSubrange(parameter.range, with: try tensors.floats(parameter.name))
      }
    }
    for head in ["dino_head", "ibot_head"] {
      used.formUnion(try continueHead(head, layout.parameters(of: head + "."), &start))
    }
    start.leftOver = tensors.leftOver + tensors.names(except: used)
    return start
  }

  /// Lets a head go on from the file's, if it can; gives the names that the file has of it.
  private func continueHead(
    _ head: String, _ parameters: ArraySlice<Parameter>, _ start: inout PretrainedStart
  ) throws(FileError) -> [String] {
    let known = parameters.map(\.name).filter { tensors.entries[$0] != nil }
    if parameters.isEmpty { return [] }
    if known.isEmpty {
      start.missing += parameters.map(\.name)
    } else if let problem = unfitness(parameters) {
      start.unfitHeads.append("\(head) begins anew: \(problem)")
    } else {
      start.heads.append(head)
      for parameter in parameters {
        start.values.replaceSubrange(parameter.range, with: try tensors.floats(parameter.name))
      }
    }
    return known
  }

  /// What keeps a head from going on; nil: nothing.
  private func unfitness(_ parameters: ArraySlice<Parameter>) -> String? {
    for parameter in parameters {
      guard let entry = tensors.entries[parameter.name] else {
        return "the file has no \(parameter.name)"
      }
      if entry.shape != parameter.shape {
        return "\(parameter.name) has shape \(entry.shape), the recipe makes it \(parameter.shape)"
      }
    }
    return nil
  }
}

extension OfficialTensors {
  /// The file's names of tensors that are read under other official names than these, sorted.
  func names(except used: Set<String>) -> [String] {
    entries.filter { !used.contains($0.key) }.values.flatMap { entry in
      entry.pieces.compactMap { piece in
        if case .tensor(let name) = piece { name } else { nil }
      }
    }.sorted()
  }
}
