// The names that each library gives the tensors of a backbone.

extension WeightLayout {
  /// The names of the official code, which Dino uses too.
  static let official = WeightLayout(
    name: "dinov2",
    rules: [
      Rule("cls_token", .same("cls_token")),
      Rule("pos_embed", .same("pos_embed")),
      Rule("register_tokens", .same("register_tokens"), .withRegisters),
      Rule("mask_token", .same("mask_token")),
    ] + sharedNames
      + linear("blocks.#.mlp.w12", "blocks.#.mlp.w12", .gated)
      + linear("blocks.#.mlp.w3", "blocks.#.mlp.w3", .gated),
    interpolation: (
      plain: Interpolation(offset: 0.1, antialias: false),
      registers: Interpolation(offset: 0, antialias: true)
    ))

  /// timm's `VisionTransformer`. Its models with registers have the CLS token's position added to
  /// the token itself. None has a mask token.
  static let timm = WeightLayout(
    name: "timm",
    rules: [
      Rule("cls_token", .same("cls_token"), .withoutRegisters),
      Rule("cls_token", .withPosition("cls_token"), .withRegisters),
      Rule("pos_embed", .same("pos_embed"), .withoutRegisters),
      Rule("pos_embed", .withoutFirst("pos_embed"), .withRegisters),
      Rule("register_tokens", .same("reg_token"), .withRegisters),
      Rule("mask_token", .absent),
    ] + sharedNames
      + linear("blocks.#.mlp.w12", "blocks.#.mlp.fc1", .gated)
      + linear("blocks.#.mlp.w3", "blocks.#.mlp.fc2", .gated),
    interpolation: (
      plain: Interpolation(offset: 0, antialias: true),
      registers: Interpolation(offset: 0, antialias: true)
    ))

  /// Hugging Face's `Dinov2Model` and `Dinov2WithRegistersModel`.
  static let huggingface = WeightLayout(
    name: "huggingface",
    rules: [
      Rule("cls_token", .same("embeddings.cls_token")),
      Rule("pos_embed", .same("embeddings.position_embeddings")),
      Rule("register_tokens", .same("embeddings.register_tokens"), .withRegisters),
      Rule("mask_token", .same("embeddings.mask_token")),
      Rule(
        "blocks.#.attn.qkv.weight",
        .rows(["query", "key", "value"].map { "encoder.layer.#.attention.attention.\($0).weight" })),
      Rule(
        "blocks.#.attn.qkv.bias",
        .rows(["query", "key", "value"].map { "encoder.layer.#.attention.attention.\($0).bias" })),
      Rule("blocks.#.ls1.gamma", .same("encoder.layer.#.layer_scale1.lambda1")),
      Rule("blocks.#.ls2.gamma", .same("encoder.layer.#.layer_scale2.lambda1")),
    ]
      + linear("patch_embed.proj", "embeddings.patch_embeddings.projection")
      + linear("blocks.#.norm1", "encoder.layer.#.norm1")
      + linear("blocks.#.norm2", "encoder.layer.#.norm2")
      + linear("blocks.#.attn.proj", "encoder.layer.#.attention.output.dense")
      + linear("blocks.#.mlp.fc1", "encoder.layer.#.mlp.fc1", .mlp)
      + linear("blocks.#.mlp.fc2", "encoder.layer.#.mlp.fc2", .mlp)
      + linear("blocks.#.mlp.w12", "encoder.layer.#.mlp.weights_in", .gated)
      + linear("blocks.#.mlp.w3", "encoder.layer.#.mlp.weights_out", .gated)
      + linear("norm", "layernorm"),
    interpolation: (
      plain: Interpolation(offset: 0, antialias: false),
      registers: Interpolation(offset: 0, antialias: true)
    ))

  /// The names that timm and the official code share.
  static let sharedNames: [Rule] =
    linear("patch_embed.proj", "patch_embed.proj")
    + linear("blocks.#.norm1", "blocks.#.norm1")
    + linear("blocks.#.attn.qkv", "blocks.#.attn.qkv")
    + linear("blocks.#.attn.proj", "blocks.#.attn.proj")
    + [Rule("blocks.#.ls1.gamma", .same("blocks.#.ls1.gamma"))]
    + linear("blocks.#.norm2", "blocks.#.norm2")
    + linear("blocks.#.mlp.fc1", "blocks.#.mlp.fc1", .mlp)
    + linear("blocks.#.mlp.fc2", "blocks.#.mlp.fc2", .mlp)
    + [Rule("blocks.#.ls2.gamma", .same("blocks.#.ls2.gamma"))]
    + linear("norm", "norm")

  /// Returns the rules for a layer's weight and bias.
  static func linear(
    _ official: String, _ name: String, _ condition: Condition = .always
  ) -> [Rule] {
    ["weight", "bias"].map { Rule("\(official).\($0)", .same("\(name).\($0)"), condition) }
  }
}
