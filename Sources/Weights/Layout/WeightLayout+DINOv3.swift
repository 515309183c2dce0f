// The names that the tensors of DINOv3's vision transformers have. They have no positions, and no biases of keys.

extension WeightLayout {
  /// The name of the periods of rotations, where a layout stores them.
  static let periods = "rope_embed.periods"

  /// The names of Meta's code.
  static let dinov3 = WeightLayout(
    name: "dinov3",
    rules: [
      Rule("cls_token", .same("cls_token")),
      Rule("register_tokens", .same("storage_tokens"), .withRegisters),
      Rule("mask_token", .same("mask_token")),
      Rule(periods, .same(periods)),
    ] + sharedNames.filter { $0.official != keysBias }
      + [Rule(keysBias, .maskedKeys(keysBias))]
      + gated(gate: "blocks.#.mlp.w1", value: "blocks.#.mlp.w2", down: "blocks.#.mlp.w3"),
    interpolation: noInterpolation, isRotary: true)

  /// Hugging Face's `DINOv3ViTModel`.
  static let huggingfaceDINOv3 = WeightLayout(
    name: "huggingface-dinov3",
    rules: [
      Rule("cls_token", .same("embeddings.cls_token")),
      Rule("register_tokens", .same("embeddings.register_tokens"), .withRegisters),
      Rule("mask_token", .squeezed("embeddings.mask_token")),
      Rule(
        "blocks.#.attn.qkv.weight",
        .rows(["q_proj", "k_proj", "v_proj"].map { "layer.#.attention.\($0).weight" })),
      Rule(
        keysBias,
        .withoutKeys(
          queries: "layer.#.attention.q_proj.bias", values: "layer.#.attention.v_proj.bias")),
      Rule("blocks.#.ls1.gamma", .same("layer.#.layer_scale1.lambda1")),
      Rule("blocks.#.ls2.gamma", .same("layer.#.layer_scale2.lambda1")),
    ]
      + linear("patch_embed.proj", "embeddings.patch_embeddings")
      + linear("blocks.#.norm1", "layer.#.norm1")
      + linear("blocks.#.norm2", "layer.#.norm2")
      + linear("blocks.#.attn.proj", "layer.#.attention.o_proj")
      + linear("blocks.#.mlp.fc1", "layer.#.mlp.up_proj", .mlp)
      + linear("blocks.#.mlp.fc2", "layer.#.mlp.down_proj", .mlp)
      + gated(
        gate: "layer.#.mlp.gate_proj", value: "layer.#.mlp.up_proj", down: "layer.#.mlp.down_proj")
      + linear("norm", "norm"),
    interpolation: noInterpolation, isRotary: true)

  private static let keysBias = "blocks.#.attn.qkv.bias"

  private static let noInterpolation = (
    plain: Interpolation(offset: 0, antialias: false),
    registers: Interpolation(offset: 0, antialias: false)
  )

  /// The rules for SwiGLU, whose gate and value are layers of their own.
  private static func gated(gate: String, value: String, down: String) -> [Rule] {
    ["weight", "bias"].map {
      Rule("blocks.#.mlp.w12.\($0)", .rows(["\(gate).\($0)", "\(value).\($0)"]), .gated)
    } + linear("blocks.#.mlp.w3", down, .gated)
  }
}
