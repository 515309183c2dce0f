import Model
import Store
import Support
import TestSupport
import Testing
import Weights

/// Small backbones of DINOv3 in both layouts.
enum DINOv3Sample: CaseIterable {
  case mlp, gated

  private var isGated: Bool { self == .gated }

  /// Three periods, so that heads are 12 wide.
  var shape: BackboneShape {
    BackboneShape(
      embedDim: 24, depth: 2, numHeads: 2, patchSize: 4, grid: 56, hiddenWidth: 40,
      isGated: isGated, registers: 2, interpolateOffset: 0,
      rotary: RotaryPositions(theta: 100, headWidth: 12), normEpsilon: 1e-5)
  }

  /// The values by official name. No two elements have the same; biases of keys are zero.
  var official: [String: (shape: [Int], values: [Float])] {
    var next: Float = 0
    var found: [String: (shape: [Int], values: [Float])] = [:]
    for parameter in shape.layout.parameters {
      var values = (0..<parameter.range.count).map { _ in
        next += 1
        return next / 64 - 100
      }
      if parameter.name.hasSuffix("qkv.bias") {
        values.replaceSubrange(24..<48, with: [Float](repeating: 0, count: 24))
      }
      found[String(parameter.name.dropFirst("backbone.".count))] = (parameter.shape, values)
    }
    return found
  }

  private typealias Tensors = [(name: String, shape: [Int], values: [Float])]

  /// A third of a tensor's rows, of queries, keys or values, or a half of a gated layer's.
  private static func part(
    _ tensor: (shape: [Int], values: [Float]), _ number: Int, of count: Int
  ) -> (shape: [Int], values: [Float]) {
    let each = tensor.values.count / count
    return (
      [tensor.shape[0] / count] + tensor.shape.dropFirst(),
      Array(tensor.values[number * each..<(number + 1) * each])
    )
  }

  /// The names of the official code, and those of Hugging Face, of tensors that are the same in both.
  private static let same = [
    ("norm1", "norm1"), ("norm2", "norm2"), ("attn.proj", "attention.o_proj"),
    ("mlp.fc1", "mlp.up_proj"), ("mlp.fc2", "mlp.down_proj"), ("mlp.w3", "mlp.down_proj"),
    ("ls1.gamma", "layer_scale1.lambda1"), ("ls2.gamma", "layer_scale2.lambda1"),
  ]

  /// Writes Hugging Face's layout.
  func huggingFace(
    to folder: TemporaryFolder, layers: String = "layer.", without: String? = nil
  ) throws -> String {
    var tensors: Tensors = []
    for (name, tensor) in official {
      let parts = name.split(separator: ".").map(String.init)
      func add(_ name: String, _ tensor: (shape: [Int], values: [Float])) {
        if name != without { tensors.append((name, tensor.shape, tensor.values)) }
      }
      if parts[0] == "blocks" {
        let (block, rest) = (layers + parts[1] + ".", parts[2...].joined(separator: "."))
        let kind = parts.last!
        if rest.hasPrefix("attn.qkv") {
          for (number, letter) in ["q", "k", "v"].enumerated()
          where kind == "weight" || letter != "k" {
            add("\(block)attention.\(letter)_proj.\(kind)", Self.part(tensor, number, of: 3))
          }
        } else if rest.hasPrefix("mlp.w12") {
          add("\(block)mlp.gate_proj.\(kind)", Self.part(tensor, 0, of: 2))
          add("\(block)mlp.up_proj.\(kind)", Self.part(tensor, 1, of: 2))
        } else if let (ours, theirs) = Self.same.first(where: { rest.hasPrefix($0.0) }) {
          add(block + rest.replacing(ours, with: theirs), tensor)
        }
      } else if name == "mask_token" {
        add("embeddings.mask_token", ([1, 1, 24], tensor.values))
      } else if name.hasPrefix("norm.") {
        add(name, tensor)
      } else {
        add("embeddings." + name.replacing("patch_embed.proj", with: "patch_embeddings"), tensor)
      }
    }
    return try write(tensors, to: folder)
  }

  /// Writes the names of Meta's code, with biases of keys that a mask takes away.
  func meta(to folder: TemporaryFolder, periods: [Float]? = nil) throws -> String {
    var tensors: Tensors = [("rope_embed.periods", [3], periods ?? shape.rotary!.periods)]
    for (name, tensor) in official {
      var values = tensor.values
      if name.hasSuffix("qkv.bias") {
        values.replaceSubrange(24..<48, with: [Float](repeating: 7, count: 24))
        let mask = (0..<72).map { (24..<48).contains($0) ? Float(0) : 1 }
        tensors.append((name + "_mask", [72], mask))
      }
      if name.contains("w12") {
        for (number, layer) in ["w1", "w2"].enumerated() {
          let half = Self.part(tensor, number, of: 2)
          tensors.append((name.replacing("w12", with: layer), half.shape, half.values))
        }
      } else {
        tensors.append(
          (name.replacing("register_tokens", with: "storage_tokens"), tensor.shape, values))
      }
    }
    return try write(tensors, to: folder)
  }

  private func write(_ tensors: Tensors, to folder: TemporaryFolder) throws -> String {
    let path = folder.file("model.safetensors")
    try SafetensorsWriter.write(
      tensors.map { .floats($0.name, $0.shape, $0.values) }, metadata: [:], to: path)
    return path
  }
}

@Suite("Backbones of DINOv3")
struct DINOv3Tests {
  let folder = TemporaryFolder()

  private func expect(_ weights: BackboneWeights, _ sample: DINOv3Sample) {
    #expect(weights.shape == sample.shape)
    #expect(weights.source.missing == [])
    let official = sample.official
    for parameter in weights.shape.layout.parameters {
      let expected = official[String(parameter.name.dropFirst("backbone.".count))]!.values
      let isSame = Array(weights.values[parameter.range]) == expected
      #expect(isSame, "\(parameter.name)")
    }
  }

  @Test(
    "are read in Hugging Face's layout, as released and as transformers 5 names layers",
    arguments: DINOv3Sample.allCases, ["layer.", "model.layer."])
  func huggingFace(_ sample: DINOv3Sample, layers: String) throws {
    folder.write(#"{"model_type": "dinov3_vit", "num_attention_heads": 2}"#, to: "config.json")
    let weights = try BackboneWeights.read(sample.huggingFace(to: folder, layers: layers))
    expect(weights, sample)
    #expect(weights.source.layout == "huggingface-dinov3" && weights.source.leftOver == [])
  }

  @Test(
    "are read under the names of Meta's code, whose periods say how wide heads are",
    arguments: DINOv3Sample.allCases)
  func meta(_ sample: DINOv3Sample) throws {
    let weights = try BackboneWeights.read(sample.meta(to: folder))
    expect(weights, sample)
    #expect(weights.source.layout == "dinov3")
    let others: [Float] = [1, 2, 4]
    let read = try BackboneWeights.read(sample.meta(to: folder, periods: others))
    #expect(read.shape.rotary?.periods == others)
  }

  @Test("a frozen teacher's copy says all that its tensors do not")
  func copy() throws {
    folder.write(
      #"{"model_type": "dinov3_vit", "num_attention_heads": 2, "image_size": 64}"#,
      to: "config.json")
    folder.write("# DINOv3 License\n\n…", to: "LICENSE.md")
    let input = try WeightsInput.open(DINOv3Sample.gated.huggingFace(to: folder))
    let network = try input.network(withHeads: false)
    let store = CheckpointStore(directory: folder.file("teacher"))
    let checkpoint = try store.write(step: 0) { (writer) throws(FileError) in
      try input.write(network, to: writer, as: "teacher.safetensors")
    }
    let copy = try WeightsInput.open(checkpoint.file("teacher.safetensors"))
    #expect(try copy.network(withHeads: false) == network && network.backbone.grid == 16)
    #expect(!copy.hasPrototypes)
    let isSame = try copy.values(of: network) == input.values(of: network)
    #expect(isSame)
    let metadata = try SafetensorsFile(path: checkpoint.file("teacher.safetensors")).metadata
    #expect(metadata["license"] == "other" && metadata["license_name"] == "DINOv3 License")
    #expect(metadata["origin"] == FilePath.name(of: folder.path))
  }

  @Test(
    "a configuration that they do not follow is refused",
    arguments: [
      ("\"rope_theta\": 50", "rope_theta 50, which Dino does not compute"),
      ("\"key_bias\": true", "key_bias true, which Dino does not compute"),
      ("\"query_bias\": false", "query_bias false, which Dino does not compute"),
      ("\"layer_norm_eps\": 1e-6", "layer_norm_eps"),
      ("\"hidden_act\": \"silu\"", "hidden_act \"silu\", which Dino does not compute"),
      ("\"use_gated_mlp\": true, \"hidden_act\": \"silu\"", "use_gated_mlp true, but the weights"),
      ("\"use_gated_mlp\": true, \"hidden_act\": \"gelu\"", "hidden_act \"gelu\", which Dino"),
      ("\"intermediate_size\": 96", "intermediate_size 96, but the weights have 40"),
      ("\"num_register_tokens\": 4", "num_register_tokens 4, but the weights have 2"),
      ("\"interpolate_offset\": 0", "interpolate_offset 0, which Dino does not know"),
      ("\"num_attention_heads\": 4", "heads 6 wide, and rotations need a multiple of 4"),
    ])
  func configuration(says: String, refused: String) throws {
    let heads = says.contains("heads") ? "" : "\"num_attention_heads\": 2, "
    folder.write("{\"model_type\": \"dinov3_vit\", \(heads)\(says)}", to: "config.json")
    let path = try DINOv3Sample.mlp.huggingFace(to: folder)
    let error = #expect(throws: FileError.self) { try BackboneWeights.read(path) }
    #expect(error?.what.contains(refused) == true, "\(error?.what ?? "")")
  }

  @Test("what a backbone needs is named if it is missing, and periods that do not fit are refused")
  func damaged() throws {
    folder.write(#"{"model_type": "dinov3_vit", "num_attention_heads": 2}"#, to: "config.json")
    let name = "layer.1.attention.q_proj.bias"
    let path = try DINOv3Sample.mlp.huggingFace(to: folder, without: name)
    var error = #expect(throws: FileError.self) { try BackboneWeights.read(path) }
    #expect(error?.what.contains("has no blocks.1.attn.qkv.bias") == true, "\(error?.what ?? "")")
    let odd = try DINOv3Sample.mlp.meta(to: folder, periods: [1, 0, 4])
    error = #expect(throws: FileError.self) { try BackboneWeights.read(odd) }
    #expect(error?.what.contains("a period that is not above 0") == true, "\(error?.what ?? "")")
  }

  @Test("no run begins with them, and no layout writes them, and it is said what can be done")
  func refused() throws {
    let input = try WeightsInput.open(DINOv3Sample.mlp.meta(to: folder))
    let network = try input.network(withHeads: false)
    let start = #expect(throws: FileError.self) { try input.check(network) }
    #expect(start?.what.contains("nothing to begin a run with") == true)
    #expect(start?.remedy.contains("dino distill") == true)
    let export = #expect(throws: FileError.self) { try WeightsExport(input, withHeads: false) }
    #expect(export?.what.contains("nothing to convert") == true)
  }
}
