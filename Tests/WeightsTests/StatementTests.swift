import Model
import Store
import Support
import TestSupport
import Testing
import Weights

/// What the files beside weights say of them is followed, or refused by its key.
@Suite struct StatementTests {
  let folder = TemporaryFolder()

  /// Reads the sample, which is 24 wide with 2 blocks of 3 heads, with files beside it.
  private func read(
    _ files: [String: String], _ sample: Sample = .plain, metadata: [String: String] = [:]
  ) throws -> BackboneWeights {
    let path = sample.write(to: folder, metadata: metadata)
    for (name, text) in files { folder.write(text, to: name) }
    return try BackboneWeights.read(path)
  }

  private func refusal(_ files: [String: String], _ sample: Sample = .plain) -> String {
    do {
      _ = try read(files, sample, metadata: ["num_heads": "3"])
      return "nothing"
    } catch {
      return ((error as? FileError)?.description ?? "\(error)")
        .replacing(folder.path + "/", with: "")
    }
  }

  static let whole =
    #""model_type": "dinov2", "architectures": ["Dinov2Model"], "hidden_size": 24, "#
    + #""num_hidden_layers": 2, "num_attention_heads": 3, "mlp_ratio": 4, "image_size": 13, "#
    + #""patch_size": [4, 4], "num_channels": 3, "hidden_act": "gelu", "layer_norm_eps": 1e-06, "#
    + #""qkv_bias": true, "use_swiglu_ffn": false, "hidden_dropout_prob": 0.1, "#
    + #""pruned_heads": {}, "apply_layernorm": false, "out_features": ["stage2"], "#
    + #""transformers_version": "4.40.0""#

  @Test("a config.json that says what the weights are is followed")
  func config() throws {
    let weights = try read(["config.json": "{\(Self.whole), \"layerscale_value\": 0.5}"])
    #expect(weights.shape.numHeads == 3 && weights.shape.layerScale == 0.5)
    let inner = try read([
      "config.json": "{\"model_type\": \"depth_anything\", \"backbone_config\": {\(Self.whole)}}"
    ])
    #expect(inner.shape.numHeads == 3)
    // SwiGLU has no activation to choose, and a width of its own.
    let gated = try read(
      [
        "config.json":
          #"{"num_attention_heads": 3, "use_swiglu_ffn": true, "hidden_act": "relu", "#
          + #""mlp_ratio": 4}"#
      ], .gated)
    #expect(gated.shape.isGated)
  }

  @Test(
    "a config.json that says something else is refused by its key and both values",
    arguments: [
      (
        "\"hidden_act\": \"relu\"",
        "hidden_act \"relu\", which Dino does not compute; it computes \"gelu\""
      ),
      ("\"hidden_act\": \"gelu_new\"", "hidden_act \"gelu_new\", which Dino does not compute"),
      ("\"layer_norm_eps\": 0.01", "layer_norm_eps 0.01, which Dino does not compute"),
      ("\"qkv_bias\": false", "qkv_bias false, which Dino does not compute; it computes true"),
      ("\"num_channels\": 1", "num_channels 1, but the weights have 3"),
      ("\"hidden_size\": 32", "hidden_size 32, but the weights have 24"),
      ("\"num_hidden_layers\": 12", "num_hidden_layers 12, but the weights have 2"),
      (
        "\"num_attention_heads\": 2",
        "num_attention_heads 2, but plain.safetensors says num_heads 3"
      ),
      ("\"mlp_ratio\": 3", "mlp_ratio 3, but the weights have 4"),
      ("\"patch_size\": 14", "patch_size 14, but the weights have 4"),
      ("\"patch_size\": [4, 2]", "patch_size [4, 2], where a number belongs"),
      ("\"image_size\": 16", "image_size 16, but the weights have 12"),
      ("\"num_register_tokens\": 4", "num_register_tokens 4, but the weights have 0"),
      ("\"use_swiglu_ffn\": true", "use_swiglu_ffn true, but the weights have false"),
      ("\"num_features\": 384", "num_features 384, but the weights have 24"),
      ("\"interpolate_offset\": 0.1", "interpolate_offset 0.1, which Dino does not compute"),
      ("\"interpolate_antialias\": false", "interpolate_antialias false, which Dino does not"),
      ("\"model_type\": \"vit\"", "model_type \"vit\", which is no vision"),
      (
        "\"quantization_config\": {\"bits\": 4}",
        "quantization_config {\"bits\": 4}, which Dino does not know"
      ),
      ("\"rope_theta\": 100", "rope_theta 100, which Dino does not know and so cannot follow"),
      (
        "\"architectures\": [\"Dinov2Backbone\"], \"apply_layernorm\": false",
        "apply_layernorm false, which Dino does not compute"
      ),
      ("\"model_args\": {\"qk_norm\": true}", "model_args.qk_norm true, which Dino does not know"),
      ("\"model_args\": {\"embed_dim\": 48}", "model_args.embed_dim 48, but the weights have 24"),
      ("\"model_args\": {\"depth\": 12}", "model_args.depth 12, but the weights have 2"),
      ("\"model_args\": {\"patch_size\": 14}", "model_args.patch_size 14, but the weights have 4"),
      ("\"model_args\": {\"img_size\": 16}", "model_args.img_size 16, but the weights have 12"),
      ("\"model_args\": {\"mlp_ratio\": 3}", "model_args.mlp_ratio 3, but the weights have 4"),
      ("\"model_args\": {\"reg_tokens\": 4}", "model_args.reg_tokens 4, but the weights have 0"),
      ("\"model_args\": {\"in_chans\": 1}", "model_args.in_chans 1, but the weights have 3"),
      ("\"model_args\": {\"qkv_bias\": false}", "model_args.qkv_bias false, which Dino does not"),
      ("\"model_args\": {\"class_token\": false}", "model_args.class_token false, which Dino"),
      ("\"model_args\": {\"final_norm\": false}", "model_args.final_norm false, which Dino"),
      ("\"model_args\": {\"act_layer\": \"relu\"}", "model_args.act_layer \"relu\", which Dino"),
      ("\"model_args\": {\"norm_layer\": \"rms\"}", "model_args.norm_layer \"rms\", which Dino"),
      ("\"model_args\": {\"pos_embed\": \"none\"}", "model_args.pos_embed \"none\", which Dino"),
      (
        "\"pretrained_cfg\": {\"interpolation\": \"lanczos\"}",
        "pretrained_cfg.interpolation \"lanczos\", where"
      ),
      (
        "\"pretrained_cfg\": {\"crop_mode\": \"border\"}",
        "pretrained_cfg.crop_mode \"border\", where"
      ),
    ])
  func otherConfig(says: String, refused: String) {
    let refusal = refusal(["config.json": "{\(says)}"])
    #expect(refusal.contains("says " + refused), "\(refusal)")
  }

  @Test("a recipe beside weights of another shape is refused, with both values")
  func recipe() throws {
    let sizes = "embed_dim: 24, depth: 2, num_heads: 3, patch_size: 4"
    #expect(
      refusal(["recipe.yaml": "student: {arch: vit_small, patch_size: 4}\n"]).contains(
        "recipe.yaml: says student.arch vit_small, so embed_dim 384, but the weights have 24"))
    #expect(
      refusal([
        "recipe.yaml": "student: {arch: custom, \(sizes)}\ncrops: {global_crops_size: 8, "
          + "local_crops_size: 4}\n", "config.json": "{\"num_attention_heads\": 6}",
      ])
      .contains("num_attention_heads 6, but plain.safetensors says num_heads 3"))
    #expect(
      refusal(["recipe.yaml": "student: {arch: vit_smal}\n"]).contains("its recipe cannot be read"))
  }

  static let usual = Preprocessing(resize: 40, crop: 36)

  @Test("every form of a view that transformers reads is followed")
  func views() throws {
    func view(_ text: String) throws -> Preprocessing {
      try read(["preprocessor_config.json": text], metadata: ["num_heads": "3"]).preprocessing
    }
    let imageNet = #""image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]"#
    for size in [
      #""size": 40, "crop_size": 36"#,
      #""size": {"shortest_edge": 40, "longest_edge": null}, "#
        + #""crop_size": {"height": 36, "width": 36}"#,
      #""image_processor_type": "CLIPImageProcessorFast", "size": 40, "crop_size": [36, 36]"#,
      #""default_to_square": false, "feature_extractor_type": "ViTFeatureExtractor", "size": 40, "#
        + #""resample": 3, "do_center_crop": true, "crop_size": 36, "processor_class": "Any""#,
    ] {
      #expect(try view("{\(size), \(imageNet)}") == Self.usual, "\(size)")
    }
    #expect(
      try view(#"{"image_processor_type": "ViTImageProcessor", "size": 48}"#)
        == Preprocessing(
          mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], resize: .exact(height: 48, width: 48),
          crop: .init(height: 48, width: 48), filter: .bilinear))
    // What a file does not say is the processor's: BitImageProcessor has the values of CLIP.
    let bare = try view("{}")
    #expect(bare.mean == [0.48145466, 0.4578275, 0.40821073])
    #expect(bare.resize == .shortest(224) && bare.crop == .init(height: 224, width: 224))
    let raw = try view(#"{"do_rescale": false, "image_mean": 51, "image_std": [255, 51, 25.5]}"#)
    #expect(raw.mean == [0.2, 0.2, 0.2] && raw.std == [1, 0.2, 0.1])
    let plain = try view(#"{"do_normalize": false, "rescale_factor": 0.00392156862745098}"#)
    #expect(plain.mean == [0, 0, 0] && plain.std == [1, 1, 1])
  }

  @Test(
    "what of a preprocessor_config.json is not followed is refused by its key",
    arguments: [
      ("\"do_resize\": false", "do_resize false, but Dino looks at images of one size"),
      ("\"do_center_crop\": false", "do_center_crop false, so that images of different shapes"),
      ("\"resample\": 1", "resample 1, where 2 (bilinear) or 3 (bicubic) belongs"),
      ("\"size\": {\"longest_edge\": 64}", "size {\"longest_edge\": 64}, where {shortest_edge}"),
      (
        "\"size\": {\"shortest_edge\": 64, \"longest_edge\": 96}",
        "size {\"longest_edge\": 96, \"sh"
      ),
      ("\"size\": 0", "size 0, where {shortest_edge}"),
      ("\"size\": 100000", "size 100000, where {shortest_edge}"),
      ("\"size\": 64, \"crop_size\": 65", "crop_size 65, which is more than size"),
      ("\"crop_size\": {\"shortest_edge\": 8}", "crop_size {\"shortest_edge\": 8}, where {height"),
      ("\"image_mean\": [0.1]", "image_mean [0.1], where three numbers belongs"),
      ("\"image_std\": [0.1, 0.1, 0]", "image_std [0.1, 0.1, 0], where three numbers above 0"),
      ("\"rescale_factor\": 0", "rescale_factor 0, where a number of 1e-9 to 1e9 belongs"),
      ("\"image_std\": 1e-300", "image_std 1e-300, where three numbers above 0 belongs"),
      ("\"do_rescale\": \"yes\"", "do_rescale \"yes\", where true or false belongs"),
      ("\"do_convert_rgb\": 1", "do_convert_rgb 1, where true or false belongs"),
      (
        "\"feature_extractor_type\": \"DPTFeatureExtractor\"",
        "feature_extractor_type \"DPTFeatureExtractor\", which Dino does not follow"
      ),
      ("\"do_pad\": true", "do_pad true, which Dino does not know"),
      ("\"do_flip_channel_order\": true", "do_flip_channel_order true, which Dino does not know"),
      ("\"crop_pct\": 0.9", "crop_pct 0.9, which Dino does not know"),
      (
        "\"image_processor_type\": \"DPTImageProcessor\"",
        "image_processor_type \"DPTImageProcessor\", which Dino does not follow"
      ),
    ])
  func otherView(says: String, refused: String) {
    let refusal = refusal(["preprocessor_config.json": "{\(says)}"])
    #expect(refusal.hasPrefix("preprocessor_config.json: says " + refused), "\(refusal)")
  }

  @Test("a preprocessor_config.json is written again as it was read, also after other formats")
  func again() throws {
    let text =
      #"{"size": {"height": 8, "width": 12}, "do_center_crop": false, "resample": 2}"# + "\n"
    let first = try read(["preprocessor_config.json": text], metadata: ["num_heads": "3"])
    #expect(first.preprocessing.resize == .exact(height: 8, width: 12))
    func export(_ path: String, _ format: ExportFormat, _ name: String) throws -> String {
      try WeightsExport(WeightsInput.open(path), withHeads: false).write(
        format, to: folder.file(name))
      return folder.file(name)
    }
    let direct = try export(first.source.path, .huggingface, "direct")
    var path = try export(first.source.path, .safetensors, "ours")
    path = try export(path, .dinov2, "official")
    path = try export(path, .huggingface, "again")
    for path in [direct, path] {
      #expect(bytes(of: path + "/preprocessor_config.json") == Array(text.utf8))
      #expect(try BackboneWeights.read(path).preprocessing == first.preprocessing)
    }
    let squashed = try export(path, .timm, "timm")
    let config = String(decoding: bytes(of: squashed + "/config.json"), as: UTF8.self)
    #expect(config.contains("\"crop_mode\" : \"squash\"") && config.contains("\"bilinear\""))
  }

  @Test("timm's way to look at images comes back from its configuration")
  func timm() throws {
    let weights = try read([
      "config.json":
        #"{"architecture": "vit_small_patch14_dinov2", "#
        + #""model_args": {"num_heads": 3, "init_values": 0.5}, "#
        + #""pretrained_cfg": {"input_size": [3, 12, 12], "interpolation": "bilinear", "#
        + #""crop_pct": 0.75, "crop_mode": "squash", "mean": [0.5, 0.5, 0.5], "std": [1, 1, 1]}}"#
    ])
    let view = Preprocessing(
      mean: [0.5, 0.5, 0.5], std: [1, 1, 1], resize: .exact(height: 16, width: 16),
      crop: .init(height: 12, width: 12), filter: .bilinear)
    #expect(weights.preprocessing == view && weights.shape.layerScale == 0.5)
    try WeightsExport(WeightsInput.open(weights.source.path), withHeads: false)
      .write(.timm, to: folder.file("timm"))
    #expect(try BackboneWeights.read(folder.file("timm")).preprocessing == view)
  }

  @Test("heads that a configuration and a recipe count differently end a run's beginning")
  func start() throws {
    let path = Sample.plain.write(to: folder, metadata: ["num_heads": "6"])
    let network = NetworkShape(
      backbone: Sample.plain.shape,
      dinoHead: HeadShape(inputs: 24, hidden: 6, bottleneck: 4, prototypes: 5, layers: 2),
      ibotHead: nil)
    let error = #expect(throws: FileError.self) { try WeightsInput.open(path).check(network) }
    #expect(error?.what == "says num_heads 6, but the recipe's students have 3")
  }
}
