import Engine
import KernelsCPU
import Model
import Optimiser
import Tensor
import TestSupport
import Testing

@Suite("Blocks that do not learn")
struct FrozenBlockTests {
  private func engine(_ frozen: FrozenPart) throws -> Engine {
    var shape = try SmallRun.engine(images: 2, .sinkhornKnopp).shape
    shape.students[0].network.backbone.depth = 3
    shape.frozen = frozen
    let engine = try Engine(
      shape,
      groups: {
        ParameterGroups(
          layout: $0, depth: 3, layerwiseDecay: 0.9, patchEmbedLrMult: 0.2, frozen: frozen)
      }, kernels: CPUKernels(pool: WorkerPool(threads: 2)))
    var random = CounterRandom(seed: 5, use: .test)
    for part in [Engine.Part.student, .teacher] {
      engine.set(
        part, to: engine.layout.initialValues(seed: 1).map { $0 + random.normal() * 0.1 })
    }
    return engine
  }

  /// The tensors that are frozen, by their names.
  private func isFrozen(_ name: String, _ frozen: FrozenPart) -> Bool {
    guard name.hasPrefix("backbone.") else { return false }
    switch frozen {
    case .nothing: return false
    case .backbone: return true
    case .blocks(let count):
      guard name.hasPrefix("backbone.blocks.") else {
        return name.hasPrefix("backbone.norm.") == false
      }
      return Int(name.split(separator: ".")[2])! < count
    }
  }

  @Test(
    "keep every bit and have no gradient; the others have that of a whole backward pass",
    arguments: [FrozenPart.nothing, .blocks(1), .blocks(2), .backbone])
  func gradients(_ frozen: FrozenPart) throws {
    let (whole, part) = (try engine(.nothing), try engine(frozen))
    let before = part.values(of: .student)
    for engine in [whole, part] {
      _ = engine.step(SmallRun.batch([0, 1]), SmallRun.values(lr: 1e-3))
    }
    let (all, found) = (whole.values(of: .gradients), part.values(of: .gradients))
    let after = part.values(of: .student)
    for parameter in part.layout.parameters {
      let range = parameter.range
      if isFrozen(parameter.name, frozen) {
        let isStill = before[range].elementsEqual(after[range])
        #expect(isStill && found[range].allSatisfy { $0 == 0 }, "\(parameter.name)")
      } else {
        let isSame = found[range].elementsEqual(all[range])
        #expect(isSame, "\(parameter.name)")
      }
    }
    let moved = before != after
    #expect(moved)
  }

  @Test(
    "several processes compute the same bits as one", arguments: [FrozenPart.blocks(1), .backbone])
  func processes(_ frozen: FrozenPart) {
    let way = RankRun.Way(name: "", world: 4, frozen: frozen)
    let one = RankRun.steps(way, SingleProcess())
    for found in ThreadProcesses(4).run({ RankRun.steps(way, $0, sharding: .fullShard) }) {
      #expect(found.differences(from: one) == [])
    }
  }

  @Test("more is learnt where fewer units are frozen")
  func units() {
    #expect(FrozenPart.nothing.units(depth: 3) == 0)
    #expect(FrozenPart.blocks(1).units(depth: 3) == 2)
    #expect(FrozenPart.blocks(2).units(depth: 3) == 3)
    #expect(FrozenPart.backbone.units(depth: 3) == 4)
    #expect(FrozenPart.blocks(2).contains(layer: 2, depth: 3))
    #expect(!FrozenPart.blocks(2).contains(layer: 3, depth: 3))
    #expect(!FrozenPart.blocks(2).contains(layer: 4, depth: 3))
    #expect(FrozenPart.backbone.contains(layer: 4, depth: 3))
    #expect(FrozenPart.blocks(2).share(of: 4) == 0.5)
  }
}
