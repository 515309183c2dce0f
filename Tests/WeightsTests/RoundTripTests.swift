import Model
import Store
import Support
import TestSupport
import Testing
import Weights

@Suite struct RoundTripTests {
  let folder = TemporaryFolder()

  /// Exports the weights at `path` and returns the new folder.
  private func export(_ path: String, _ format: ExportFormat, _ name: String) throws -> String {
    let input = try WeightsInput.open(path)
    try WeightsExport(input, withHeads: format == .safetensors)
      .write(format, to: folder.file(name))
    return folder.file(name)
  }

  @Test("what a layout holds comes back with the same names, shapes and bits")
  func sameBits() throws {
    for sample in Sample.allCases {
      let source = sample.write(to: folder)
      for format in [ExportFormat.huggingface, .timm, .safetensors] {
        let name = "\(sample)-\(format)"
        let there = try export(source, format, name)
        let imported = try export(there, .safetensors, name + "-imported")
        let back = try export(imported, format, name + "-back")
        let (one, other) = try (
          contents(there + "/model.safetensors"), contents(back + "/model.safetensors")
        )
        #expect(one.keys.sorted() == other.keys.sorted())
        for (key, value) in one {
          #expect(
            value.shape == other[key]?.shape && value.bits == other[key]?.bits, "\(name) \(key)")
        }
      }
    }
  }

  @Test("Hugging Face, the official code and Dino lose nothing of a backbone")
  func sameValues() throws {
    for sample in Sample.allCases {
      let source = sample.write(to: folder)
      let weights = try BackboneWeights.read(source)
      for format in [ExportFormat.huggingface, .dinov2, .safetensors] {
        let there = try export(source, format, "\(sample)-\(format)")
        let read = try BackboneWeights.read(there)
        #expect(read.values == weights.values, "\(sample) \(format)")
        #expect(read.shape.numHeads == 3 && read.shape.grid == 3)
        #expect(read.preprocessing == weights.preprocessing, "\(sample) \(format)")
      }
    }
  }

  @Test("timm's models with registers have CLS's position in its token")
  func positionOfCLS() throws {
    let weights = try BackboneWeights.read(Sample.registers.write(to: folder))
    let there = try contents(
      try export(Sample.registers.write(to: folder), .timm, "timm") + "/model.safetensors")
    let layout = weights.shape.layout
    func values(_ name: String) -> ArraySlice<Float> {
      weights.values[layout.parameters.first { $0.name == "backbone." + name }!.range]
    }
    let sums = zip(values("cls_token"), values("pos_embed")).map { ($0 + $1).bitPattern }
    #expect(there["cls_token"]?.bits == sums)
    #expect(there["pos_embed"]?.shape == [1, 9, 24] && there["mask_token"] == nil)
    #expect(there["pos_embed"]?.bits == values("pos_embed").dropFirst(24).map(\.bitPattern))
    #expect(there["reg_token"]?.bits == values("register_tokens").map(\.bitPattern))
  }

  @Test("query, key and value are the thirds of qkv, in that order")
  func thirds() throws {
    let weights = try BackboneWeights.read(Sample.plain.write(to: folder))
    let there = try contents(
      try export(Sample.plain.write(to: folder), .huggingface, "hf") + "/model.safetensors")
    let qkv = weights.shape.layout.parameters.first {
      $0.name == "backbone.blocks.1.attn.qkv.weight"
    }!
    let parts = ["query", "key", "value"].flatMap {
      there["encoder.layer.1.attention.attention.\($0).weight"]!.bits
    }
    #expect(parts == weights.values[qkv.range].map(\.bitPattern))
  }

  @Test("heads go with Dino's own form, and metadata tells what tensors do not")
  func heads() throws {
    let path = folder.file("network.safetensors")
    try SafetensorsWriter.write(
      Sample.plain.tensors.map { .floats("backbone." + $0.name, $0.shape, $0.values) }
        + [.floats("dino_head.last_layer.weight_g", [2, 1], [1, 2])],
      metadata: [
        "num_heads": "3", "mean": "0.1 0.2 0.3", "std": "1 1 1", "resize": "40", "crop": "36",
      ],
      to: path)
    let there = try export(path, .safetensors, "dino") + "/model.safetensors"
    #expect(try SafetensorsFile(path: there).floats("dino_head.last_layer.weight_g") == [1, 2])
    let read = try BackboneWeights.read(there)
    #expect(read.shape == Sample.plain.shape)
    #expect(
      read.preprocessing
        == Preprocessing(mean: [0.1, 0.2, 0.3], std: [1, 1, 1], resize: 40, crop: 36))
  }

  @Test("an export appears whole, and never over what is there")
  func folders() throws {
    let source = Sample.plain.write(to: folder)
    let there = try export(source, .huggingface, "hf")
    #expect(
      folder.names(in: "hf")
        == ["README.md", "config.json", "model.safetensors", "preprocessor_config.json"])
    let error = #expect(throws: FileError.self) { try export(source, .timm, "hf") }
    #expect(error?.description.contains("hf: is a folder that is not empty") == true)
    #expect(folder.names().allSatisfy { !$0.contains("partial") })
    #expect(try BackboneWeights.read(there).source.layout == "huggingface")
  }
}
