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
    arguments: ["teacher.backbone.", "backbone.", "model.", "module.student.backbone."])
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
    #expect(view.crop == crop && view.resize == resize)
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
    folder.write(#"{"image_mean": [0.1]}"#, to: "preprocessor_config.json")
    let error = #expect(throws: FileError.self) { try BackboneWeights.read(path) }
    #expect(error?.what == "does not describe how to resize and normalise an RGB image")
  }
}
