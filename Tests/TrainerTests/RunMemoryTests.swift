import Foundation
import KernelsCPU
import Recipe
import Support
import TestSupport
import Testing
import Trainer

@Suite("A run that does not fit is refused with what would make it fit")
struct RunMemoryTests {
  private static func device(isRounding: Bool) -> CPUDevice {
    CPUDevice(precision: isRounding ? .bf16 : .fp32, threads: 1)
  }

  /// The memory of a recipe, on a backend with or without units for bfloat16.
  private func memory(_ changes: [String] = [], hasUnits: Bool = true) throws -> RunMemory {
    let recipe = try Recipe().applying(
      [
        "student.arch=vit_small", "student.patch_size=14", "crops.local_crops_size=98",
        "train.batch_size_per_gpu=16",
        "train.compute_precision=fp32", "train.accumulation_steps=2",
      ] + changes)
    return RunMemory(
      recipe,
      images: ImageFacts(bank: 0, scored: 0, classes: 0, cacheBytes: 0, programBytes: 20 << 20)
    ) { recipe, _ in
      BackendMemory(
        device: Self.device(isRounding: hasUnits && recipe.train.computePrecision != .fp32),
        workspaceBytes: 0)
    }
  }

  @Test("nothing is said of a run that fits, or where the system does not say what there is")
  func fits() throws {
    let memory = try memory()
    let enough = MachineMemory(availableBytes: memory.totalBytes, limit: .machine)
    #expect(memory.shortage(enough) == nil && memory.shortage(nil) == nil)
    let less = MachineMemory(availableBytes: memory.totalBytes - 1, limit: .machine)
    #expect(memory.shortage(less) != nil)
  }

  @Test("the least intrusive change that is enough is named, with what the run takes then")
  func order() throws {
    let memory = try memory()
    let recomputing = try self.memory(["train.recompute=true"]).totalBytes
    let found = try #require(memory.remedy(within: recomputing))
    #expect(found.overrides == ["train.recompute=true"])
    #expect(found.memory.totalBytes == recomputing)
    // If only the batch is left to change, it is halved. A step still sees as many images.
    let last = try self.memory(["train.recompute=true"], hasUnits: false)
    let next = try #require(last.remedy(within: recomputing - 1))
    #expect(next.overrides == ["train.accumulation_steps=4", "train.batch_size_per_gpu=8"])
    #expect(next.memory.recipe.imagesPerStep == memory.recipe.imagesPerStep)
    #expect(next.memory.totalBytes < recomputing)
  }

  @Test("bfloat16 is offered where the machine has it, and only there")
  func rounding() throws {
    let exact = try memory().totalBytes
    #expect(try memory(["train.compute_precision=bf16"]).totalBytes < exact)
    // Recomputing saves more than rounding and would be offered instead, so it is on already.
    let changes = ["train.recompute=true"]
    func offers(_ hasUnits: Bool) throws -> Bool {
      let memory = try memory(changes, hasUnits: hasUnits)
      return (1...20).contains { step in
        let overrides = memory.remedy(within: memory.totalBytes * step / 20)?.overrides ?? []
        return overrides.contains("train.compute_precision=bf16")
      }
    }
    #expect(try offers(true))
    #expect(try !offers(false))
  }

  @Test("what is offered fits, and less and less memory asks for more and more changes")
  func together() throws {
    let memory = try memory()
    var counts: [Int] = []
    for sixteenth in stride(from: 15, through: 1, by: -1) {
      let available = memory.totalBytes * sixteenth / 16
      guard let remedy = memory.remedy(within: available) else { continue }
      #expect(remedy.memory.totalBytes <= available)
      // Planning the recipe with these overrides gives the same memory.
      let again = try RunMemory(
        memory.recipe.applying(remedy.overrides),
        images: ImageFacts(bank: 0, scored: 0, classes: 0, cacheBytes: 0, programBytes: 20 << 20)
      ) { recipe, _ in
        BackendMemory(
          device: Self.device(isRounding: recipe.train.computePrecision != .fp32),
          workspaceBytes: 0)
      }
      #expect(again.bytes == remedy.memory.bytes)
      counts.append(remedy.overrides.count)
    }
    #expect(counts.first == 1 && counts.last! > 4 && counts == counts.sorted())
    #expect(memory.remedy(within: 100 << 20) == nil)
  }

  @Test("a smaller batch leaves a step's images as many as they were", arguments: [9, 12, 31, 64])
  func batches(size: Int) throws {
    let memory = try memory(["train.batch_size_per_gpu=\(size)", "train.recompute=true"])
    var changed = false
    for sixteenth in 1...15 {
      let available = memory.totalBytes * sixteenth / 16
      guard let remedy = memory.remedy(within: available) else { continue }
      let recipe = try memory.recipe.applying(remedy.overrides)
      #expect(recipe.imagesPerStep == memory.recipe.imagesPerStep, "\(remedy.overrides)")
      changed = changed || recipe.train.batchSizePerGPU < size
    }
    #expect(changed)
  }

  @Test("one line says what is needed, what there is and what to do")
  func words() throws {
    let memory = try memory()
    let machine = MachineMemory(availableBytes: memory.totalBytes * 3 / 4, limit: .controlGroup)
    let line = try #require(memory.shortage(machine)).description
    #expect(line.contains("its control group has ") && !line.contains("\n"))
    #expect(line.contains("with --set train.recompute=true it needs "))
    let begun = try #require(memory.shortage(machine, isBegun: true)).description
    #expect(!begun.contains("--set") && begun.contains("free some"))
    let none = MachineMemory(availableBytes: 1 << 20, limit: .machine)
    #expect(try #require(memory.shortage(none)).description.contains("a smaller model"))
  }
}
