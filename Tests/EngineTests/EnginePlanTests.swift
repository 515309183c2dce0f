import Bench
import Engine
import KernelsCPU
import Recipe
import Tensor
import TestSupport
import Testing

@Suite("An engine's memory is known before it exists")
struct EnginePlanTests {
  private static let small = [
    "student.arch=custom", "student.embed_dim=48", "student.depth=3", "student.num_heads=3",
    "student.patch_size=8", "crops.global_crops_size=64", "crops.local_crops_size=32",
    "crops.local_crops_number=3", "train.batch_size_per_gpu=6", "dino.head_hidden_dim=96",
    "dino.head_bottleneck_dim=32", "dino.head_n_prototypes=1500", "ibot.head_hidden_dim=64",
    "ibot.head_bottleneck_dim=32", "ibot.head_n_prototypes=700", "ibot.separate_head=true",
    "student.drop_path_rate=0.3", "train.centering=sinkhorn_knopp",
  ]

  private static let variants = [
    [], ["train.recompute=true"], ["ibot.separate_head=false"], ["train.centering=centering"],
    ["crops.local_crops_number=0"], ["student.ffn_layer=swiglufused"],
    ["student.drop_path_uniform=false"],
    ["train.batch_size_per_gpu=1", "dino.koleo_loss_weight=0"],
    ["crops.global_crops_size=128", "dino.head_n_prototypes=40000"],
  ]

  private static func device(_ precision: Precision) -> CPUDevice {
    CPUDevice(precision: precision, threads: 1)
  }

  private func shape(_ changes: [String]) throws -> EngineShape {
    let recipe = try Recipe().applying(Self.small + changes)
    return EngineShape(recipe, maskRatioMax: recipe.ibot.maskRatioMax)
  }

  @Test("its ledger adds up to the arena that the engine reserves", arguments: variants)
  func ledger(_ changes: [String]) throws {
    let recipe = try Recipe().applying(Self.small + changes)
    for precision in [Precision.fp32, .bf16] {
      let plan = EnginePlan(try shape(changes), Self.device(precision))
      let (ledger, bytes, count) = (plan.ledger, plan.bytes, plan.layout.count)
      #expect(ledger.values.reduce(0, +) == bytes)
      #expect(ledger.keys.allSatisfy { $0.isPlanned })
      let kernels = CPUKernels(pool: WorkerPool(threads: 1), precision: precision)
      #expect(try Engine(recipe, kernels: kernels).arenaBytes == bytes)
      // What has a value for each parameter, in whole cache lines.
      let parameters = 4 * ((count + 15) / 16 * 16)
      for purpose in [MemoryPurpose.studentParameters, .teacherParameters, .gradients] {
        #expect(ledger[purpose] == parameters)
      }
      #expect(ledger[.moments] == 2 * parameters)
      #expect(try #require(ledger[.studentActivations]) > 0)
    }
  }

  @Test("precision and recomputing decide what activations take")
  func retention() throws {
    func activations(_ changes: [String], rounded: Bool) throws -> Int {
      let plan = EnginePlan(
        try shape(["student.depth=12"] + changes), Self.device(rounded ? .bf16 : .fp32))
      return plan.ledger[.studentActivations]!
    }
    let exact = try activations([], rounded: false)
    let rounded = try activations([], rounded: true)
    let recomputed = try activations(["train.recompute=true"], rounded: false)
    #expect(recomputed < rounded && rounded < exact * 7 / 10)
    #expect(try activations(["train.recompute=true"], rounded: true) == recomputed)
  }

  @Test("planning reserves nothing: a shape that no machine has memory for is planned too")
  func enormous() throws {
    let plan = EnginePlan(
      try shape(["student.embed_dim=1536", "student.depth=40", "train.batch_size_per_gpu=65536"]),
      Self.device(.fp32))
    let (ledger, bytes) = (plan.ledger, plan.bytes)
    #expect(bytes > 1 << 40 && ledger.values.reduce(0, +) == bytes)
  }

  @Test(
    "what kernels take besides the arena is what was planned",
    arguments: [
      variants[0], variants[2], variants[4], variants[8],
      ["student.embed_dim=192", "train.batch_size_per_gpu=16"],
    ])
  func workspace(_ changes: [String]) throws {
    let recipe = try Recipe().applying(Self.small + changes)
    for precision in [Precision.fp32, .bf16] {
      let kernels = CPUKernels(pool: WorkerPool(threads: 2), precision: precision)
      _ = try StepBench(recipe, kernels: kernels).run(steps: 1)
      let planned = CPUDevice(precision: precision, threads: 2)
        .workspaceBytes(for: try shape(changes).work)
      // Masks that cover fewer patches than they may leave a little unused: a fifth, or in so small
      // a model a block of some packed strips.
      #expect(kernels.workspaceBytes == planned, "\(precision)")
      #expect(planned - kernels.workspaceBytesUsed < max(planned / 5, 2 << 20), "\(precision)")
    }
  }
}
