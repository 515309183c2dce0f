import Model

extension ONNXGraph {
  /// Below the root in LayerNorm, as in the official code.
  private static let epsilon: Float = 1e-6

  /// The graph of a backbone for square images of a size: pixels [N, channels, size, size] in, the normalised
  /// CLS token [N, D] and patch tokens [N, patches, D] out, under the names of the official code.
  ///
  /// - Parameter grid: the side of the images in patches.
  init(_ weights: BackboneWeights, grid: Int) {
    let shape = weights.shape
    let side = "\(grid * shape.patchSize)"
    self.init(
      input: Value(name: "pixel_values", extents: ["N", "\(shape.channels)", side, side]))
    let parameters = ONNXParameters(weights)
    var tokens = embed(parameters, grid: grid)
    for block in 0..<shape.depth { tokens = add(block, parameters, tokens) }
    tokens = norm("norm", parameters, tokens, as: "x_norm")
    let first = numbers([0], isScalar: true)
    _ = add("Gather", tokens, first, as: "x_norm_clstoken", [("axis", .int(1))])
    _ = add(
      "Slice", tokens, numbers([shape.leadingTokens]), numbers([Int(Int32.max)]), numbers([1]),
      as: "x_norm_patchtokens")
    outputs = [
      Value(name: "x_norm_clstoken", extents: ["N", "\(shape.embedDim)"]),
      Value(name: "x_norm_patchtokens", extents: ["N", "\(grid * grid)", "\(shape.embedDim)"]),
    ]
  }

  /// Tokens of pixels: CLS and registers, then patches, with their positions.
  private mutating func embed(_ parameters: ONNXParameters, grid: Int) -> String {
    let shape = parameters.shape
    let (width, patch) = (shape.embedDim, shape.patchSize)
    let positions = parameters.positions(grid: grid)
    let embedded = add(
      "Conv", input.name, constant(parameters, "patch_embed.proj.weight"),
      constant(parameters, "patch_embed.proj.bias"), as: "patch_embed",
      [("kernel_shape", .ints([patch, patch])), ("strides", .ints([patch, patch]))])
    let rows = add("Reshape", embedded, numbers([0, width, grid * grid]), as: "patch_embed.rows")
    let patches = add("Transpose", rows, as: "patch_embed.tokens", [("perm", .ints([0, 2, 1]))])
    let placed = add(
      "Add", patches,
      constant("pos_embed.patches", [1, grid * grid, width]) { Array(positions[width...]) },
      as: "patches")
    let leading = constant("leading_tokens", [1, shape.leadingTokens, width]) {
      zip(parameters.values("cls_token"), positions).map { $0 + $1 }
        + (shape.registers > 0 ? parameters.values("register_tokens") : [])
    }
    // As many of them as there are images.
    let extents = add("Shape", input.name, as: "extents")
    let images = add("Slice", extents, numbers([0]), numbers([1]), as: "images")
    let target = add(
      "Concat", images, numbers([shape.leadingTokens, width]), as: "leading.extents",
      [("axis", .int(0))])
    let repeated = add("Expand", leading, target, as: "leading")
    return add("Concat", repeated, placed, as: "tokens", [("axis", .int(1))])
  }

  private mutating func add(_ block: Int, _ parameters: ONNXParameters, _ tokens: String) -> String
  {
    let name = "blocks.\(block)"
    var x = norm("\(name).norm1", parameters, tokens)
    x = attention("\(name).attn", parameters, x)
    x = scaled("\(name).ls1", parameters, x)
    let middle = add("Add", tokens, x, as: "\(name).middle")
    x = norm("\(name).norm2", parameters, middle)
    x =
      parameters.shape.isGated
      ? swiGLU("\(name).mlp", parameters, x) : mlp("\(name).mlp", parameters, x)
    x = scaled("\(name).ls2", parameters, x)
    return add("Add", middle, x, as: name)
  }

  private mutating func attention(
    _ name: String, _ parameters: ONNXParameters, _ x: String
  ) -> String {
    let shape = parameters.shape
    let width = shape.embedDim / shape.numHeads
    let heads = numbers([0, 0, shape.numHeads, width])
    let all = linear("\(name).qkv", parameters, x)
    let parts = split(all, into: ["q", "k", "v"].map { "\(name).\($0)" })
    // Keys are turned, so that their product with queries is one of matrices.
    let perms = [[0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]]
    let turned = zip(parts, perms).map { part, perm in
      let divided = add("Reshape", part, heads, as: "\(part).divided")
      return add("Transpose", divided, as: "\(part).heads", [("perm", .ints(perm))])
    }
    let scale = number(1 / Float(width).squareRoot())
    let queries = add("Mul", turned[0], scale, as: "\(name).q.scaled")
    let scores = add("MatMul", queries, turned[1], as: "\(name).scores")
    let shares = add("Softmax", scores, as: "\(name).shares", [("axis", .int(-1))])
    let mixed = add("MatMul", shares, turned[2], as: "\(name).mixed")
    let back = add("Transpose", mixed, as: "\(name).back", [("perm", .ints([0, 2, 1, 3]))])
    let joined = add("Reshape", back, numbers([0, 0, shape.embedDim]), as: "\(name).joined")
    return linear("\(name).proj", parameters, joined)
  }

  /// A layer of GELU, which opset 17 has no operator for.
  private mutating func mlp(_ name: String, _ parameters: ONNXParameters, _ x: String) -> String {
    let wide = linear("\(name).fc1", parameters, x)
    let inner = add("Mul", wide, number(Float(0.5).squareRoot()), as: "\(name).inner")
    let error = add("Erf", inner, as: "\(name).erf")
    let shifted = add("Add", error, number(1), as: "\(name).shifted")
    let half = add("Mul", wide, number(0.5), as: "\(name).half")
    let activated = add("Mul", half, shifted, as: "\(name).activated")
    return linear("\(name).fc2", parameters, activated)
  }

  private mutating func swiGLU(
    _ name: String, _ parameters: ONNXParameters, _ x: String
  ) -> String {
    let wide = linear("\(name).w12", parameters, x)
    let parts = split(wide, into: ["\(name).gate", "\(name).value"])
    let sigmoid = add("Sigmoid", parts[0], as: "\(name).sigmoid")
    let gate = add("Mul", parts[0], sigmoid, as: "\(name).silu")
    let activated = add("Mul", gate, parts[1], as: "\(name).activated")
    return linear("\(name).w3", parameters, activated)
  }

  private mutating func norm(
    _ name: String, _ parameters: ONNXParameters, _ x: String, as output: String? = nil
  ) -> String {
    add(
      "LayerNormalization", x, constant(parameters, "\(name).weight"),
      constant(parameters, "\(name).bias"), as: output ?? name,
      [("axis", .int(-1)), ("epsilon", .float(Self.epsilon))])
  }

  private mutating func scaled(
    _ name: String, _ parameters: ONNXParameters, _ x: String
  ) -> String {
    add("Mul", x, constant(parameters, "\(name).gamma"), as: name)
  }

  /// A linear layer. Its weights are stored as [inputs, outputs], which a product of matrices takes.
  private mutating func linear(
    _ name: String, _ parameters: ONNXParameters, _ x: String
  ) -> String {
    let shape = parameters.extents("\(name).weight")
    let weights = constant("\(name).weight.transposed", shape.reversed()) {
      parameters.transposed("\(name).weight")
    }
    let product = add("MatMul", x, weights, as: "\(name).product")
    return add("Add", product, constant(parameters, "\(name).bias"), as: name)
  }

  private mutating func constant(_ parameters: ONNXParameters, _ name: String) -> String {
    constant(name, parameters.extents(name)) { parameters.values(name) }
  }
}

/// The parameters of a backbone by their official names.
struct ONNXParameters {
  let shape: BackboneShape
  private let weights: BackboneWeights
  private let places: [String: Parameter]

  init(_ weights: BackboneWeights) {
    self.weights = weights
    shape = weights.shape
    places = Dictionary(
      uniqueKeysWithValues: shape.layout.parameters.map {
        (String($0.name.dropFirst("backbone.".count)), $0)
      })
  }

  func extents(_ name: String) -> [Int] { places[name]!.shape }

  func values(_ name: String) -> [Float] { Array(weights.values[places[name]!.range]) }

  /// A matrix with its rows as columns.
  func transposed(_ name: String) -> [Float] {
    let (rows, columns) = (extents(name)[0], extents(name)[1])
    let values = values(name)
    return [Float](unsafeUninitializedCapacity: values.count) { target, count in
      for row in 0..<rows {
        for column in 0..<columns { target[column * rows + row] = values[row * columns + column] }
      }
      count = values.count
    }
  }

  /// The positions [1 + grid², D] for a grid of patches.
  func positions(grid: Int) -> [Float] {
    let trained = values("pos_embed")
    guard grid != shape.grid else { return trained }
    var target = shape
    target.grid = grid
    return target.resizing(from: shape.grid)(trained, width: shape.embedDim)
  }
}
