import Engine
import Recipe
import Testing

@Suite("Parameters are as many as PyTorch's")
struct ParameterCountTests {
  /// Counted by torch, on its meta device, for the same sizes at 224 pixels.
  @Test(
    "for every architecture, without allocating it",
    arguments: [
      ("vit_small", 14, "mlp", 256, [21_629_184, 39_194_880, 39_194_880]),
      ("vit_base", 14, "mlp", 256, [85_725_696, 39_981_312, 39_981_312]),
      ("vit_large", 14, "swiglufused", 384, [303_655_168, 57_545_088, 40_505_600]),
      ("vit_giant2", 14, "swiglufused", 384, [1_134_771_200, 58_593_664, 41_554_176]),
      ("vit_tiny", 14, "mlp", 256, [5_506_176, 38_801_664, 38_801_664]),
    ])
  func counts(_ arch: String, _ patch: Int, _ layer: String, _ bottleneck: Int, _ counts: [Int])
    throws
  {
    let recipe = try Recipe().applying([
      "student.arch=\(arch)", "student.patch_size=\(patch)", "student.ffn_layer=\(layer)",
      "crops.local_crops_size=98", "ibot.separate_head=true", "dino.head_n_prototypes=131072",
      "ibot.head_n_prototypes=131072", "dino.head_bottleneck_dim=\(bottleneck)",
    ])
    let found = ParameterCounts(recipe)
    #expect(found.modules.map(\.count) == counts)
    #expect(found.modules.map(\.name) == ["backbone", "dino_head", "ibot_head"])
  }

  @Test("with tied heads there are two sub-modules: the official default, ViT-L/16")
  func tied() {
    let found = ParameterCounts(Recipe())
    #expect(found.modules.map(\.count) == [303_351_808, 23_662_848])
    #expect(found.total == 327_014_656)
  }
}
