import Model
import Store
import Support

extension WeightsInput {
  /// Returns the shape of the network in the file, for the frozen teacher of a distillation.
  ///
  /// - Parameter withHeads: whether the distillation compares prototypes. Throws if there are none then.
  package func network(withHeads: Bool) throws(FileError) -> NetworkShape {
    let backbone = try tensors.backboneShape(facts)
    var network = NetworkShape(backbone: backbone, dinoHead: .none(backbone), ibotHead: nil)
    if withHeads {
      guard let dino = try head("dino_head") else { throw noPrototypes("has no projection heads") }
      network.dinoHead = dino
      network.ibotHead = try head("ibot_head")
    }
    try tensors.check(network.layout)
    return network
  }

  /// Whether there are heads with prototypes, which a distillation can compare.
  package var hasPrototypes: Bool {
    // Those of DINOv3's own training have no weight normalisation.
    tensors.entries["dino_head.last_layer.weight_v"] != nil
  }

  private func noPrototypes(_ what: String) -> FileError {
    FileError(
      file: path, what: what + ", and objective.kind dinov2 compares their prototypes",
      remedy: "set objective.kind to features, or give weights that were written with heads (dinod "
        + "export --format safetensors)")
  }

  /// Reads the values of such a network in the order of its layout. Elements between tensors are zero.
  package func values(of network: NetworkShape) throws(FileError) -> [Float] {
    let layout = network.layout
    var values = [Float](repeating: 0, count: layout.count)
    for parameter in layout.parameters where tensors.entries[parameter.name] != nil {
      values.replaceSubrange(parameter.range, with: try tensors.floats(parameter.name))
    }
    return values
  }

  /// Derives a head's shape from its tensors. Returns `nil` if the file has no such head.
  private func head(_ name: String) throws(FileError) -> HeadShape? {
    let names = tensors.entries.keys.filter { $0.hasPrefix(name + ".") }
    guard !names.isEmpty else { return nil }
    // A single linear layer is not a sequence, so its name has no number.
    let count = names.count { $0.hasPrefix(name + ".mlp.") && $0.hasSuffix(".weight") }
    func linear(_ number: Int) -> String {
      names.contains(name + ".mlp.weight") ? ".mlp.weight" : ".mlp.\(2 * number).weight"
    }
    let first = try matrix(name + linear(0))
    let last = try matrix(name + linear(max(count - 1, 0)))
    guard names.contains(where: { $0.contains(".last_layer.") }) else {
      throw noPrototypes("has heads without prototypes")
    }
    let prototypes = try matrix(name + ".last_layer.weight_v")
    return HeadShape(
      inputs: first.columns, hidden: first.rows, bottleneck: last.rows,
      prototypes: prototypes.rows, layers: count)
  }

  private func matrix(_ name: String) throws(FileError) -> (rows: Int, columns: Int) {
    guard let shape = tensors.entries[name]?.shape, shape.count == 2, !shape.contains(0) else {
      throw FileError(
        file: path, what: "has no matrix \(name), which its other tensors need",
        remedy: "give the weights of a whole DINOv2 network")
    }
    return (shape[0], shape[1])
  }
}

extension WeightsInput {
  /// Adds a file with the network to a checkpoint. Its metadata describe the network fully, so that
  /// it needs no recipe, and say where it is from.
  package func write(
    _ network: NetworkShape, to checkpoint: CheckpointWriter, as name: String
  ) throws(FileError) {
    let values = try values(of: network)
    let sources = network.layout.parameters.map { parameter in
      TensorSource.floats(parameter.name, parameter.shape) { range, target in
        let first = parameter.range.lowerBound
        values.withUnsafeBufferPointer {
          _ = target.update(
            fromContentsOf: UnsafeBufferPointer(
              rebasing: $0[first + range.lowerBound..<first + range.upperBound]))
        }
      }
    }
    let view =
      facts.preprocessing
      ?? Preprocessing(
        trainedSize: network.backbone.grid * network.backbone.patchSize,
        patch: network.backbone.patchSize)
    try checkpoint.addTensors(
      name, sources,
      metadata: SourceFacts.metadata(
        network.backbone, view, preprocessor: facts.preprocessorConfig
      ).merging(origin()?.metadata ?? [:]) { ours, _ in ours })
  }
}
