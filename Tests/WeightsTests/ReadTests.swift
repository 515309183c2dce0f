import Foundation
import Model
import Store
import Testing
import Weights

@Suite struct ReadTests {
  let folder = TemporaryFolder()

  @Test(arguments: Sample.allCases)
  func officialNamesGiveTheShapeAndEveryValue(_ sample: Sample) throws {
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

  @Test(arguments: ["teacher.backbone.", "backbone.", "model.", "module.student.backbone."])
  func whatStandsBeforeTheNamesIsTakenOff(_ prefix: String) throws {
    let weights = try BackboneWeights.read(Sample.plain.write(to: folder, prefix: prefix))
    #expect(weights.shape == Sample.plain.shape)
    #expect(weights.source.leftOver == [])
  }

  @Test func chunksOfBlocksAreTakenOutOfNames() throws {
    let path = Sample.plain.write(to: folder) { name in
      name.replacing("blocks.0.", with: "blocks.0.0.").replacing("blocks.1.", with: "blocks.1.1.")
    }
    let chunked = try BackboneWeights.read(path)
    #expect(chunked.shape.depth == 2 && chunked.source.leftOver == [])
    let plain = try BackboneWeights.read(Sample.plain.write(to: folder))
    #expect(chunked.values == plain.values)
  }

  @Test func headsOfSixtyFourAreTakenWhereNothingTells() throws {
    let path = Sample.plain.write(to: folder, metadata: [:])
    let error = #expect(throws: StoreError.self) { try BackboneWeights.read(path) }
    #expect(error?.what.contains("how many attention heads") == true)
    try #"{"num_attention_heads": 6}"#
      .write(toFile: folder.file("config.json"), atomically: true, encoding: .utf8)
    #expect(try BackboneWeights.read(path).shape.numHeads == 6)
  }
}
