import Foundation
import Recipe
import TestSupport
import Testing

@Suite("Damaged recipes", .serialized)
struct MutationTests {
  static let ours = """
    student: {arch: vit_small, patch_size: 14, drop_path_rate: 0.3}
    crops:
      global_crops_size: 224
      local_crops_size: 98
      global_crops_scale: [0.32, 1.0]
    train:
      batch_size_per_gpu: 16
      accumulation_steps: 2
      OFFICIAL_EPOCH_LENGTH: 100
    optim: {epochs: 10, warmup_epochs: 2, base_lr: 0.001, adamw_beta2: 0.99}
    ibot: {mask_ratio_min_max: [0.1, 0.5], separate_head: true}
    session: {name: run, checkpoint_every: 100}
    phases:
      - name: low
      - {name: high, steps: 50, crops: {global_crops_size: 448}, compress: [lr]}

    """

  @Test("a damaged recipe is read or refused, and what was read is written and read again")
  func recipe() throws {
    let official = Bundle.module.resourceURL!.appendingPathComponent("Fixtures/vitl14.yaml").path
    let problems = Mutations.problems(
      "recipe", [Array(Self.ours.utf8), bytes(of: official)], as: .text, megabytes: 32,
      accepted: 0.03...0.95
    ) { bytes, number in
      let recipe = try Recipe.parse(yaml: String(decoding: bytes, as: UTF8.self), name: "r.yaml")
      let again = try Recipe.parse(yaml: recipe.yaml(), name: "r.yaml")
      #expect(again.yaml() == recipe.yaml(), "\(number)")
    }
    #expect(problems == [])
  }
}
