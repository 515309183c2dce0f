import Model
import Recipe
import Store
import Support

extension OfficialTensors {
  /// Derives the backbone's shape from the tensors, and from `facts` what tensors do not show.
  func backboneShape(_ facts: SourceFacts) throws(FileError) -> BackboneShape {
    let cls = try shape("cls_token", extents: 3)
    let patch = try shape("patch_embed.proj.weight", extents: 4)
    let hidden = try shape(
      isGated ? "blocks.0.mlp.w3.weight" : "blocks.0.mlp.fc1.weight", extents: 2)
    let width = cls[2]
    guard width > 0, patch[1] > 0, patch[2] > 0 else {
      throw refused("has tokens \(width) wide, and patches of shape \(patch)")
    }
    let rotary = try rotary(width, facts)
    let grid = try rotary == nil ? learnedGrid() : facts.trainedGrid(patch: patch[2])
    let heads =
      if let rotary { width / rotary.headWidth } else { try heads(width, facts) }
    let manner =
      facts.interpolation
      ?? (hasRegisters ? layout.interpolation.registers : layout.interpolation.plain)
    let shape = BackboneShape(
      embedDim: width, depth: depth, numHeads: heads, patchSize: patch[2],
      channels: patch[1], grid: grid, hiddenWidth: isGated ? hidden[1] : hidden[0],
      isGated: isGated,
      registers: hasRegisters ? try shape("register_tokens", extents: 3)[1] : 0,
      layerScale: facts.layerScale ?? 1e-5, interpolateAntialias: manner.antialias,
      interpolateOffset: manner.offset, rotary: rotary,
      normEpsilon: facts.normEpsilon ?? (rotary == nil ? 1e-6 : 1e-5))
    try Claim.check(facts.claims, shape)
    return shape
  }

  /// Returns which student's recipe describes the tensors, if a distillation has several.
  func recipe(_ recipe: Recipe) -> Recipe {
    let width = entries["backbone.cls_token"]?.shape.last
    return recipe.students.first {
      $0.architecture.embedDim == width && $0.architecture.depth == depth
    } ?? recipe.students[0]
  }

  /// Throws if a tensor of the layout is missing (the mask token may be) or has another shape.
  func check(_ layout: ParameterLayout) throws(FileError) {
    for parameter in layout.parameters where parameter.name != Self.maskToken {
      guard let entry = entries[parameter.name] else { throw missing(parameter.name) }
      try check(entry, parameter)
    }
    if let mask = entries[Self.maskToken],
      let parameter = layout.parameters.first(where: { $0.name == Self.maskToken })
    {
      try check(mask, parameter)
    }
  }

  /// Throws if a tensor's shape differs from the parameter's.
  func check(_ entry: Entry, _ parameter: Parameter) throws(FileError) {
    guard entry.shape == parameter.shape else {
      throw FileError(
        file: file.path,
        what: "\(sourceName(parameter.name)) has shape \(entry.shape), not \(parameter.shape)",
        remedy: "give weights of this architecture")
    }
  }

  /// The only tensor that inference does not need: it replaces masked patches during training.
  static let maskToken = "backbone.mask_token"

  /// Returns the name of an official tensor in the file, for use in messages.
  func sourceName(_ official: String) -> String {
    let names = entries[official]?.pieces.compactMap { piece -> String? in
      switch piece {
      case .tensor(let name), .part(let name, _): name
      case .zeros: nil
      }
    }
    return names?.first.map { "tensor \(shown($0))" } ?? official
  }

  private var depth: Int {
    (0...).first { entries["backbone.blocks.\($0).norm1.weight"] == nil } ?? 0
  }

  private func shape(_ name: String, extents: Int) throws(FileError) -> [Int] {
    guard let shape = entries["backbone." + name]?.shape else { throw missing("backbone." + name) }
    guard shape.count == extents else {
      throw refused("has \(name) of the unexpected shape \(shape)")
    }
    return shape
  }

  /// Returns the side of the square grid that positions are learned for.
  private func learnedGrid() throws(FileError) -> Int {
    let positions = try shape("pos_embed", extents: 3)
    let grid = Int(Double(max(positions[1] - 1, 0)).squareRoot().rounded())
    guard grid > 0, grid * grid + 1 == positions[1] else {
      throw refused(
        "has positions of shape \(positions), which is not CLS and a square grid")
    }
    return grid
  }

  /// Returns the number of attention heads. If `facts` does not give it, heads are taken to be 64
  /// wide, as in all official models.
  func heads(_ width: Int, _ facts: SourceFacts) throws(FileError) -> Int {
    if let heads = facts.numHeads {
      guard heads > 0, width % heads == 0 else {
        throw refused("has tokens \(width) wide, which is not a multiple of \(heads) heads")
      }
      return heads
    }
    guard width % 64 == 0 else {
      throw FileError(
        file: file.path, what: "does not say how many attention heads share its width of \(width)",
        remedy: "put the config.json or recipe.yaml that it was written with in the same folder")
    }
    return width / 64
  }

  private func missing(_ official: String) -> FileError {
    FileError(
      file: file.path,
      what:
        "has no \(official.dropFirst("backbone.".count)) (read as the layout of \(layout.name))",
      remedy: "give the weights of a whole backbone of DINOv2 or DINOv3")
  }

  func refused(_ what: String) -> FileError {
    FileError(
      file: file.path, what: what, remedy: "give the weights of a backbone of DINOv2 or DINOv3")
  }
}
