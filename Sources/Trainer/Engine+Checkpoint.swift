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

  /// Takes the state of a checkpoint up again. A tensor that is missing, or of another shape than
  /// this recipe's, is an error that names it.
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
}
