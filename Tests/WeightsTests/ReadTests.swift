import Foundation
import Model
import Store
import Support
import TestSupport
import Testing
import Weights

@Suite struct ReadTests {
  let folder = TemporaryFolder()

  @Test("official names give the shape and every value", arguments: Sample.allCases)
  func official(_ sample: Sample) throws {
    let weights = try BackboneWeights.read(sample.write(to: folder))
    var expected = sample.shape
    if expected.registers > 0 {
      (expected.interpolateAntialias, expected.interpolateOffset) = (true, 0)
    }
    #expect(weights.shape == expected)
    #expect(weights.source.layout == "dinov2")
    #expect(weights.source.missing == [] && weights.source.leftOver == [])
    for (parameter, tensor) in zip(weights.shape.layout.parameters, sample.tensors) {
      #expect(Array(weights.values[parameter.range]) == tensor.values, "\(parameter.name)")
    }
  }

  @Test(
    "what stands before the names is taken off",
    arguments: [
      "teacher.backbone.", "backbone.", "model.", "module.student.backbone.", "teacher_backbone.",
      "state_dict.model._orig_mod.teacher.", "_fsdp_wrapped_module.module._orig_mod.",
    ])
  func prefixes(_ prefix: String) throws {
    let weights = try BackboneWeights.read(Sample.plain.write(to: folder, prefix: prefix))
    #expect(weights.shape == Sample.plain.shape)
    #expect(weights.source.leftOver == [])
  }

  @Test("chunks of blocks are taken out of names")
  func chunks() throws {
    let path = Sample.plain.write(to: folder) { name in
      name.replacing("blocks.0.", with: "blocks.0.0.").replacing("blocks.1.", with: "blocks.1.1.")
    }
    let chunked = try BackboneWeights.read(path)
    #expect(chunked.shape.depth == 2 && chunked.source.leftOver == [])
    let plain = try BackboneWeights.read(Sample.plain.write(to: folder))
    #expect(chunked.values == plain.values)
  }

  @Test("components that wrappers put into names are taken out wherever they stand")
  func wrappers() throws {
    let plain = try BackboneWeights.read(Sample.gated.write(to: folder))
    let path = Sample.gated.write(to: folder, prefix: "_orig_mod.backbone.") { name in
      name.replacing("blocks.", with: "blocks._fsdp_wrapped_module.")
        .replacing(".0.", with: ".0._checkpoint_wrapped_module._orig_mod.")
        .replacing(".mlp.", with: ".mlp.module.")
    }
    let wrapped = try BackboneWeights.read(path)
    #expect(wrapped.values == plain.values && wrapped.shape == plain.shape)
    #expect(wrapped.source.leftOver == [])
    try SafetensorsWriter.write(
      [
        .floats("module.cls_token", [1, 1, 24], Array(repeating: 0, count: 24)),
        .floats("_orig_mod.cls_token", [1, 1, 24], Array(repeating: 1, count: 24)),
      ],
      to: folder.file("twice.safetensors"))
    let error = #expect(throws: FileError.self) {
      try BackboneWeights.read(folder.file("twice.safetensors"))
    }
    #expect(error?.what.contains("have the same meaning") == true, "\(error?.what ?? "")")
  }

  @Test("a file of the official code without its mask token is not taken for timm's")
  func maskToken() throws {
    func read(_ sample: Sample, _ prefix: String, metadata: [String: String]) throws
      -> BackboneWeights
    {
      let path = folder.file("maskless.safetensors")
      try SafetensorsWriter.write(
        sample.tensors.filter { $0.name != "mask_token" }
          .map { .floats(prefix + $0.name, $0.shape, $0.values) }, metadata: metadata, to: path)
      return try BackboneWeights.read(path)
    }
    let heads = ["num_heads": "3"]
    // Its names of SwiGLU, or its place in a network.
    #expect(try read(.gated, "", metadata: heads).source.layout == "dinov2")
    let part = try read(.plain, "teacher.backbone.", metadata: heads)
    #expect(part.source.layout == "dinov2" && part.shape.interpolateOffset == 0.1)
    #expect(try read(.plain, "", metadata: heads).source.layout == "timm")
    folder.write(#"{"architecture": "vit_small_patch14_dinov2"}"#, to: "config.json")
    #expect(try read(.plain, "backbone.", metadata: heads).source.layout == "timm")
  }

  @Test("weights in several files are read by their index")
  func sharded() throws {
    let tensors = Sample.plain.tensors
    let whole = try BackboneWeights.read(Sample.plain.write(to: folder))
    var map: [String] = []
    for (name, part) in [("1.safetensors", tensors[..<9]), ("2.safetensors", tensors[9...])] {
      try SafetensorsWriter.write(
        part.map { .floats($0.name, $0.shape, $0.values) }, metadata: ["num_heads": "3"],
        to: folder.file("model-" + name))
      map += part.map { "\"\($0.name)\": \"model-\(name)\"" }
    }
    folder.write(
      "{\"weight_map\": {\(map.joined(separator: ", "))}}", to: "model.safetensors.index.json")
    let read = try BackboneWeights.read(folder.path)
    #expect(read.values == whole.values && read.shape == whole.shape)
  }

  @Test("the number of heads comes from a configuration, where 64 does not divide the width")
  func heads() throws {
    let path = Sample.plain.write(to: folder, metadata: [:])
    let error = #expect(throws: FileError.self) { try BackboneWeights.read(path) }
    #expect(error?.what.contains("how many attention heads") == true)
    try #"{"num_attention_heads": 6}"#
      .write(toFile: folder.file("config.json"), atomically: true, encoding: .utf8)
    #expect(try BackboneWeights.read(path).shape.numHeads == 6)
  }

  @Test(
    "where nothing tells of a view it is 224, or what the network was made for",
    arguments: [(518, 14, 224, 256), (224, 16, 224, 256), (98, 14, 98, 112), (252, 18, 252, 288)])
  func view(trained: Int, patch: Int, crop: Int, resize: Int) {
    let view = Preprocessing(trainedSize: trained, patch: patch)
    #expect(view == Preprocessing(resize: resize, crop: crop))
  }

  @Test("configurations beside a file tell of its view")
  func configuration() throws {
    let path = Sample.plain.write(to: folder)
    folder.write(
      #"{"image_mean": [0.1, 0.2, 0.3], "image_std": [1, 1, 2], "size": {"shortest_edge": 40}, "#
        + #""crop_size": {"height": 36, "width": 36}}"#, to: "preprocessor_config.json")
    #expect(
      try BackboneWeights.read(path).preprocessing
        == Preprocessing(mean: [0.1, 0.2, 0.3], std: [1, 1, 2], resize: 40, crop: 36))
  }
}
