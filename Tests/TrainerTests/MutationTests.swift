import FoundationEssentials
import KernelsCPU
import Recipe
import Run
import Schedule
import Store
import Support
import TestSupport
import Testing
import Trainer

@Suite("Damaged recipes and journals in use", .serialized)
struct MutationTests {
  private static let yaml = """
    student: {arch: custom, embed_dim: 48, depth: 3, num_heads: 3, patch_size: 4}
    crops: {global_crops_size: 32, local_crops_size: 16, local_crops_number: 2}
    train: {batch_size_per_gpu: 4, accumulation_steps: 2, OFFICIAL_EPOCH_LENGTH: 10}
    optim: {epochs: 10, warmup_epochs: 2, base_lr: 0.001}
    dino: {head_n_prototypes: 128, head_hidden_dim: 32, head_bottleneck_dim: 16}
    ibot: {mask_ratio_min_max: [0.1, 0.5], separate_head: true}
    phases: [{name: low}, {name: high, steps: 50, crops: {global_crops_size: 48}, compress: [lr]}]

    """

  @Test("what a damaged recipe asks for is planned: memory and schedules of each phase")
  func plan() {
    let problems = Mutations.problems(
      "plan", [Array(Self.yaml.utf8)], as: .text, megabytes: 64, accepted: 0.03...0.95
    ) { bytes, number in
      let recipe = try Recipe.parse(yaml: String(decoding: bytes, as: UTF8.self), name: "r.yaml")
      for phase in PhasePlan(recipe).phases {
        let memory = RunMemory(
          phase.recipe,
          images: ImageFacts(bank: 100, scored: 100, classes: 0, cacheBytes: 0, programBytes: 0)
        ) {
          let device = CPUDevice(
            precision: $0.train.computePrecision == .bf16 ? .bf16 : .fp32, threads: 2)
          return BackendMemory(device: device, workspaceBytes: device.workspaceBytes(for: $1.work))
        }
        #expect(memory.totalBytes > 0, "\(number)")
        _ = memory.shortage(MachineMemory(availableBytes: 1 << 20, limit: .machine))
      }
      let schedules = SchedulePlan(recipe)
      for step in [1, schedules.totalSteps / 2 + 1, schedules.totalSteps] {
        _ = schedules.values(at: step)
      }
    }
    #expect(problems == [])
  }

  private static let entries = [
    JournalEntry(
      id: "a", time: 3, step: 8, client: "c", change: .set(SetSchedule(.lr, to: 2e-4, over: 10)),
      effect: .from(1e-4)),
    JournalEntry(
      id: "b", time: 4, step: 20, client: "c", change: .phase(PhaseRequest(to: "high")),
      effect: .phases("[{name: high, steps: 50, crops: {global_crops_size: 48}}]")),
    JournalEntry(
      id: "c", time: 5, step: 30, client: "c", change: .set(SetSchedule(.weightDecay, to: nil))),
    JournalEntry(id: "d", time: 6, step: 20, client: "c", change: .back, effect: .undoes("b")),
    JournalEntry(id: "e", time: 7, step: 25, client: "c", change: .checkpoint(name: "x")),
  ]

  @Test("a damaged journal of a checkpoint steers the schedules or is refused")
  func journal() throws {
    let folder = TemporaryFolder()
    let recipe = try Recipe.parse(yaml: Self.yaml, name: "r.yaml")
    let sound = [Self.entries, Array(Self.entries.prefix(3))].map {
      Array(PortableJSON.encode($0, isSorted: true))
    }
    let store = CheckpointStore(directory: folder.path)
    let checkpoint = try store.write(step: 1, name: nil) { (writer) throws(FileError) in
      try writer.addText("journal.json", "[]")
    }
    let problems = Mutations.problems(
      "journal", sound, as: .text, megabytes: 32, accepted: 0.03...0.95
    ) { bytes, _ in
      folder.overwrite("000000001/journal.json", with: bytes)
      let journal = try checkpoint.journal
      for entry in journal.entries { _ = journal.inverse(of: entry.id) }
      let plan = try SchedulePlan(recipe, journal: journal)
      for step in [1, 7, 8, 20, 31, plan.totalSteps] { _ = plan.values(at: step) }
    }
    #expect(problems == [])
  }
}
