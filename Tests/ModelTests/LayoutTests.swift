import Model
import Testing

@Suite("Parameters have the official code's names, shapes and beginnings")
struct LayoutTests {
  private let small = BackboneShape(
    embedDim: 384, depth: 12, numHeads: 6, patchSize: 14, grid: 37, hiddenWidth: 1536)

  private func layout(_ shape: BackboneShape) -> ParameterLayout {
    var builder = ParameterBuilder()
    _ = VisionTransformer.Parameters(&builder, shape)
    return builder.layout
  }

  @Test("ViT-S/14 at 518 has the released model's 22,056,576 numbers")
  func count() {
    #expect(layout(small).elements(of: "") == 22_056_576)
  }

  @Test("a block's tensors come in the state dict's order")
  func names() {
    let names = layout(small).parameters(of: "blocks.3.").map { String($0.name.dropFirst(9)) }
    #expect(
      names == [
        "norm1.weight", "norm1.bias", "attn.qkv.weight", "attn.qkv.bias", "attn.proj.weight",
        "attn.proj.bias", "ls1.gamma", "norm2.weight", "norm2.bias", "mlp.fc1.weight",
        "mlp.fc1.bias", "mlp.fc2.weight", "mlp.fc2.bias", "ls2.gamma",
      ])
  }

  @Test("sub-modules lie side by side and cover everything")
  func modules() {
    let shape = NetworkShape(
      backbone: small,
      dinoHead: HeadShape(inputs: 384, hidden: 64, bottleneck: 32, prototypes: 100),
      ibotHead: HeadShape(inputs: 384, hidden: 64, bottleneck: 32, prototypes: 50))
    let layout = shape.layout
    let parts = ["backbone.", "dino_head.", "ibot_head."].map { layout.range(of: $0) }
    #expect(parts[0].lowerBound == 0)
    #expect(parts[0].upperBound <= parts[1].lowerBound)
    #expect(parts[1].upperBound <= parts[2].lowerBound && parts[2].upperBound <= layout.count)
    #expect(layout.parameters(of: "ibot_head.").map(\.name).last == "ibot_head.last_layer.weight_v")
    let total = ["backbone.", "dino_head.", "ibot_head."].reduce(0) {
      $0 + layout.elements(of: $1)
    }
    #expect(total == layout.parameters.reduce(0) { $0 + $1.range.count })
  }

  @Test("fresh values follow each tensor's initialiser, the same for one seed")
  func initialisation() throws {
    let layout = layout(small)
    let values = layout.initialValues(seed: 5)
    #expect(values == layout.initialValues(seed: 5))
    #expect(values != layout.initialValues(seed: 6))
    func deviation(_ name: String) throws -> Float {
      let parameter = try #require(layout.parameters.first { $0.name == name })
      let part = values[parameter.range]
      return (part.reduce(0) { $0 + $1 * $1 } / Float(part.count)).squareRoot()
    }
    #expect(abs(try deviation("blocks.0.attn.qkv.weight") - 0.02) < 4e-4)
    #expect(try deviation("blocks.0.attn.qkv.bias") == 0)
    #expect(abs(try deviation("norm.weight") - 1) < 1e-6)
    #expect(abs(try deviation("blocks.4.ls1.gamma") - 1e-5) < 1e-9)
    #expect(try deviation("mask_token") == 0)
    #expect(try deviation("cls_token") < 2e-6)
    // Uniform in ±1/√588 has a deviation of 1/√(3·588).
    #expect(abs(try deviation("patch_embed.proj.weight") - 0.0238) < 2e-4)
  }
}
