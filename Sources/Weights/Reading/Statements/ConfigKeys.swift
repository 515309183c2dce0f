import Support

/// What becomes of a key of a model's configuration.
enum ConfigKey: Sendable {
  /// A size that the tensors have to agree with. A list of two equal numbers is one number.
  case size(Claim.Size)
  /// A statement that is followed only if it is one of these values.
  case only([JSONValue])
  /// The activation of the feed-forward layer: SiLU if it is gated, GELU otherwise.
  case activation
  /// A value that is read elsewhere, by its key.
  case read
}

/// The keys of `config.json`, of transformers and of timm, and what is done for each. A key that
/// stands in none of the tables is refused by name.
enum ConfigKeys {
  static let geluNames: [JSONValue] = [.text("gelu"), .text("gelu_python")]
  private static let gelu = ConfigKey.only(geluNames)

  /// Source: transformers' `Dinov2Config`, `Dinov2WithRegistersConfig`.
  static let transformers: [String: ConfigKey] = [
    "hidden_size": .size(.width), "num_hidden_layers": .size(.depth),
    "num_attention_heads": .size(.heads), "patch_size": .size(.patch),
    "image_size": .size(.image), "mlp_ratio": .size(.ratio),
    "num_register_tokens": .size(.registers), "use_swiglu_ffn": .size(.gated),
    "num_features": .size(.width), "interpolate_antialias": .only([.bool(true)]),
    "interpolate_offset": .only([.number(0)]), "num_channels": .size(.channels),
    "hidden_act": gelu, "layer_norm_eps": epsilon,
    "qkv_bias": .only([.bool(true)]), "layerscale_value": .read, "model_type": .read,
    "architectures": .read, "apply_layernorm": .read, "model_args": .read,
    "pretrained_cfg": .read, "backbone_config": .read,
  ]

  private static let epsilon = ConfigKey.only([.number(1e-6)])

  /// Source: transformers' `DINOv3ViTConfig`.
  static let dinov3: [String: ConfigKey] = [
    "hidden_size": .size(.width), "num_hidden_layers": .size(.depth),
    "num_attention_heads": .size(.heads), "patch_size": .size(.patch),
    "image_size": .size(.image), "intermediate_size": .size(.hidden),
    "num_register_tokens": .size(.registers), "use_gated_mlp": .size(.gated),
    "num_channels": .size(.channels), "hidden_act": .activation,
    "layer_norm_eps": .only([.number(1e-5)]), "rope_theta": .only([.number(100)]),
    "query_bias": .only([.bool(true)]), "key_bias": .only([.bool(false)]),
    "value_bias": .only([.bool(true)]), "proj_bias": .only([.bool(true)]),
    "mlp_bias": .only([.bool(true)]), "layerscale_value": .read, "model_type": .read,
    "architectures": .read, "apply_layernorm": .read, "backbone_config": .read,
  ]

  /// Further keys of DINOv3's configuration that change no feature: places are moved in training only.
  static let harmlessOfDINOv3 = harmless.union([
    "pos_embed_shift", "pos_embed_jitter", "pos_embed_rescale", "attention_dropout",
  ])

  /// Keys that change no feature: of training, of other outputs, of how a model is loaded.
  static let harmless: Set<String> = [
    "transformers_version", "torch_dtype", "dtype", "initializer_range", "hidden_dropout_prob",
    "attention_probs_dropout_prob", "drop_path_rate", "use_mask_token", "reshape_hidden_states",
    "out_features", "out_indices", "_out_features", "_out_indices", "stage_names", "id2label",
    "label2id", "num_labels", "problem_type", "_name_or_path", "name_or_path", "_commit_hash",
    "attn_implementation", "_attn_implementation", "_attn_implementation_internal",
    "_attn_implementation_autoset", "return_dict", "use_return_dict", "output_hidden_states",
    "output_attentions", "torchscript", "use_bfloat16", "chunk_size_feed_forward",
    "is_encoder_decoder", "tie_word_embeddings", "finetuning_task", "license",
    "gradient_checkpointing", "architecture", "num_classes", "global_pool",
    "label_names", "label_descriptions", "max_length", "min_length", "do_sample", "num_beams",
    "temperature", "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty",
    "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "num_beam_groups",
    "diversity_penalty", "num_return_sequences",
  ]

  /// The arguments of timm's `VisionTransformer`.
  static let timm: [String: ConfigKey] = [
    "img_size": .size(.image), "patch_size": .size(.patch), "embed_dim": .size(.width),
    "depth": .size(.depth), "num_heads": .size(.heads), "mlp_ratio": .size(.timmRatio),
    "reg_tokens": .size(.registers), "init_values": .read, "in_chans": .size(.channels),
    "qkv_bias": .only([.bool(true)]), "class_token": .only([.bool(true)]),
    "final_norm": .only([.bool(true)]), "act_layer": .only([.text("gelu")]),
    "norm_layer": .only([.text("layernorm")]), "pos_embed": .only([.text("learn")]),
  ]

  static let harmlessOfTimm: Set<String> = [
    "no_embed_class", "num_classes", "global_pool", "dynamic_img_size", "drop_rate",
    "pos_drop_rate", "patch_drop_rate", "proj_drop_rate", "attn_drop_rate", "drop_path_rate",
    "weight_init", "fix_init", "pool_include_prefix", "mlp_layer",
  ]

  /// The keys of timm's `pretrained_cfg` that are read.
  static let view = ["mean", "std", "input_size", "crop_pct", "crop_mode", "interpolation"]

  static let harmlessOfView: Set<String> = [
    "url", "file", "state_dict", "hf_hub_id", "hf_hub_filename", "source", "architecture", "tag",
    "custom_load", "test_input_size", "test_crop_pct", "min_input_size", "fixed_input_size",
    "pool_size", "num_classes", "label_offset", "label_names", "label_descriptions", "first_conv",
    "classifier", "license", "description", "notes", "origin_url", "paper_name", "paper_ids",
    "license_url",
  ]

  /// The models of transformers that are read.
  static let models: Set<String> = ["dinov2", "dinov2_with_registers", dinov3Model]
  static let dinov3Model = "dinov3_vit"
}
