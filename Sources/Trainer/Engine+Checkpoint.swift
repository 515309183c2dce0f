import Kernels
import Model
import Store

extension Engine {
  /// The files of a checkpoint that hold the engine's state, by name.
  private static let files: [(name: String, parts: [Part])] = [
    ("student.safetensors", [.student]), ("teacher.safetensors", [.teacher]),
    ("optimizer.safetensors", [.expAvg, .expAvgSq]),
  ]
  private static let updatesKey = "optimizer_updates"

  /// Adds the whole state to a checkpoint: student and teacher under the official code's names, so
  /// that either file loads by itself, and the optimiser's moments.
  package func write(to checkpoint: CheckpointWriter) throws(StoreError) {
    for (file, parts) in Self.files {
      var sources = parts.flatMap { tensors(of: $0, prefix: parts.count > 1) }
      if parts.contains(.expAvg) {
        for (name, center) in centers.sorted(by: { $0.key < $1.key }) {
          sources.append(.floats("center.\(name)", [center.count], center))
        }
      }
      try checkpoint.addTensors(file, sources, metadata: [Self.updatesKey: String(updates)])
    }
  }

  private func tensors(of part: Part, prefix: Bool) -> [TensorSource] {
    let buffer = buffer(part)
    return layout.parameters.map { parameter in
      .floats((prefix ? part.rawValue + "." : "") + parameter.name, parameter.shape) {
        [kernels] range, target in
        let first = parameter.range.lowerBound
        kernels.download(buffer[first + range.lowerBound..<first + range.upperBound], to: target)
      }
    }
  }

  /// Takes the state of a checkpoint up again; positions for another grid of patches are resized. A
  /// tensor that is missing, or else of another shape than this recipe's, is an error that names it.
  package func load(_ checkpoint: Checkpoint) throws(StoreError) {
    for (file, parts) in Self.files {
      let tensors = try checkpoint.tensors(file)
      for part in parts { try load(part, tensors, prefix: parts.count > 1) }
      guard parts.contains(.expAvg) else { continue }
      updates = tensors.metadata[Self.updatesKey].flatMap { Int($0) } ?? checkpoint.step
      var found = centers
      for name in found.keys { found[name] = try tensors.floats("center.\(name)") }
      centers = found
    }
  }

  private func load(
    _ part: Part, _ tensors: SafetensorsFile, prefix: Bool
  ) throws(StoreError) {
    let target = buffer(part)
    for parameter in layout.parameters {
      let name = (prefix ? part.rawValue + "." : "") + parameter.name
      let shape = try tensors.tensor(name).shape
      if let grid = grid(of: parameter, shape) {
        let resized = resizedPositions(try tensors.floats(name), part, from: grid)
        kernels.upload(resized, to: target[parameter.range])
        continue
      }
      guard shape == parameter.shape else {
        throw StoreError(
          file: tensors.path,
          what: "\(name) has shape \(shape), the recipe makes it \(parameter.shape)",
          remedy: "resume with the recipe that the checkpoint was trained with")
      }
      let place = target[parameter.range]
      try tensors.readFloats(name) { kernels.upload($1, to: place[$0]) }
    }
  }

  /// The side of the grid that a checkpoint's positions are for, where it is another than this one.
  private func grid(of parameter: Parameter, _ shape: [Int]) -> Int? {
    guard parameter.name == BackboneShape.positions, shape != parameter.shape else { return nil }
    return self.shape.network.backbone.grid(ofPositions: shape)
  }

  /// Positions, or their moments, resized to this engine's grid. Bicubic weights can be negative, but
  /// a second moment cannot, whose root AdamW takes: what falls below 0 is set to it.
  private func resizedPositions(_ values: [Float], _ part: Part, from grid: Int) -> [Float] {
    let backbone = shape.network.backbone
    let resized = backbone.resizing(from: grid)(values, width: backbone.embedDim)
    return part == .expAvgSq ? resized.map { max($0, 0) } : resized
  }
}
