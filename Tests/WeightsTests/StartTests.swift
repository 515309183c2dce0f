import Model
import Store
import Support
import TestSupport
import Testing
import Weights

/// Tests of runs that start from pretrained weights.
@Suite struct StartTests {
  let folder = TemporaryFolder()

  private func network(
    _ backbone: BackboneShape = Sample.plain.shape, prototypes: Int = 5
  ) -> NetworkShape {
    NetworkShape(
      backbone: backbone,
      dinoHead: HeadShape(inputs: 24, hidden: 6, bottleneck: 4, prototypes: prototypes, layers: 2),
      ibotHead: nil)
  }

  /// Writes weights with a head of five prototypes whose values are all 7, and returns the path.
  private func file() throws -> String {
    let path = folder.file("network.safetensors")
    let head = network().layout.parameters(of: "dino_head.")
    try SafetensorsWriter.write(
      Sample.plain.tensors.map { .floats("teacher.backbone." + $0.name, $0.shape, $0.values) }
        + head.map {
          .floats("teacher." + $0.name, $0.shape, [Float](repeating: 7, count: $0.range.count))
        } + [.floats("teacher.other", [1], [0])],
      metadata: ["num_heads": "3"], to: path)
    return path
  }

  private func start(_ network: NetworkShape) throws -> PretrainedStart {
    try WeightsInput.open(try file())
      .start(network, fresh: [Float](repeating: -1, count: network.layout.count))
  }

  @Test("what fits is taken, heads included, and what is left over is named")
  func everything() throws {
    let network = network()
    let start = try start(network)
    #expect(start.heads == ["dino_head"] && start.unfitHeads == [])
    #expect(start.missing == [] && start.leftOver == ["teacher.other"])
    for (parameter, tensor) in zip(network.layout.parameters(of: "backbone."), Sample.plain.tensors)
    {
      #expect(Array(start.values[parameter.range]) == tensor.values)
    }
    for parameter in network.layout.parameters(of: "dino_head.") {
      #expect(start.values[parameter.range].allSatisfy { $0 == 7 })
    }
  }

  @Test("a head of other sizes begins anew, and it is said why")
  func unfitHead() throws {
    let network = network(prototypes: 9)
    let start = try start(network)
    #expect(start.heads == [])
    #expect(
      start.unfitHeads == [
        "dino_head starts from random weights: dino_head.last_layer.weight_g has shape [5, 1], "
          + "the recipe needs [9, 1]"
      ])
    for parameter in network.layout.parameters(of: "dino_head.") {
      #expect(start.values[parameter.range].allSatisfy { $0 == -1 })
    }
  }

  @Test("names that the file lacks begin as they would, and those of more blocks are left over")
  func otherSizes() throws {
    var shape = Sample.plain.shape
    shape.registers = 1
    shape.depth = 1
    let start = try start(network(shape))
    #expect(start.missing == ["backbone.register_tokens"])
    #expect(start.leftOver.count == 15)
    #expect(
      start.leftOver.dropFirst().allSatisfy { $0.contains("blocks.1.") || $0 == "teacher.other" })
  }

  @Test("positions are resized to the recipe's grid as PyTorch resizes them")
  func positions() throws {
    var shape = Sample.plain.shape
    shape.grid = 5
    shape.interpolateOffset = 0
    let network = network(shape)
    let start = try start(network)
    #expect(start.resizedFrom == 3)
    let place = network.layout.parameters.first { $0.name == "backbone.pos_embed" }!
    let old = Sample.plain.tensors.first { $0.name == "pos_embed" }!.values
    let new = start.values[place.range]
    #expect(Array(new.prefix(24)) == Array(old.prefix(24)))
    // The first and middle values of F.interpolate(grid, size=(5, 5), mode="bicubic") for 0…8 in
    // float64.
    let corner = new[new.startIndex + 24]
    let middle = new[new.startIndex + 24 * 13]
    #expect(abs((corner - old[24]) / 0.375 - -0.384) < 1e-3)
    #expect(abs((middle - old[24]) / 0.375 - 4) < 1e-3)
  }

  @Test(
    "the embedding of patches is adapted to other channels, so that equal channels embed alike",
    arguments: [1, 2, 3, 6, 7])
  func channels(_ channels: Int) throws {
    var shape = Sample.plain.shape
    shape.channels = channels
    let network = network(shape)
    let start = try start(network)
    #expect(start.adaptedFrom == (channels == 3 ? nil : 3))
    let place = network.layout.parameters.first { $0.name == BackboneShape.patchEmbedding }!
    let old = Sample.plain.tensors.first { $0.name == "patch_embed.proj.weight" }!.values
    let new = Array(start.values[place.range])
    #expect(new.count == 24 * channels * 16)
    for row in 0..<24 {
      for pixel in 0..<16 {
        func kernel(_ values: [Float], _ count: Int, _ channel: Int) -> Float {
          values[(row * count + channel) * 16 + pixel]
        }
        let before = (0..<3).map { kernel(old, 3, $0) }
        let after = (0..<channels).map { kernel(new, channels, $0) }
        // Two and seven channels leave some of the three kernels out, or have them once more.
        let kept =
          channels == 1 ? before : (0..<channels).map { before[$0 % 3] * (3 / Float(channels)) }
        let sums = [before, kept, after].map { $0.reduce(0, +) }
        #expect(abs(sums[2] - sums[1]) < 1e-3)
        if channels % 3 == 0 { #expect(abs(sums[2] - sums[0]) < 1e-3) }
        if channels > 1 { #expect(zip(after, kept).allSatisfy { abs($0 - $1) < 1e-4 }) }
      }
    }
  }

  @Test("weights for six channels begin a run in colours, and the other way round")
  func fewerChannels() throws {
    let six = Sample.sixChannels.write(to: folder, prefix: "backbone.")
    let start = try WeightsInput.open(six)
      .start(network(), fresh: [Float](repeating: -1, count: network().layout.count))
    #expect(start.adaptedFrom == 6)
    let old = Sample.sixChannels.tensors.first { $0.name == "patch_embed.proj.weight" }!.values
    let place = network().layout.parameters.first { $0.name == BackboneShape.patchEmbedding }!
    #expect(start.values[place.range.lowerBound] == old[0] * 2)
  }

  @Test("a shape that differs is refused, by the tensor's name in the file")
  func otherShape() throws {
    var shape = Sample.plain.shape
    shape.hiddenWidth = 48
    let error = #expect(throws: FileError.self) { _ = try start(network(shape)) }
    #expect(
      error?.what
        == "tensor \"teacher.backbone.blocks.0.mlp.fc1.weight\" has shape [96, 24], not [48, 24]")
  }
}
