import Engine
import Kernels
import KernelsCPU
import Model
import Tensor
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("What prototypes make of features")
struct PrototypePictureTests {
  @Test(
    "the logits are those of the head by its definition, of more features than a pass has rows",
    arguments: [(Precision.fp32, Float(1e-5)), (.bf16, 2e-2)])
  func logits(_ precision: Precision, _ tolerance: Float) throws {
    let engine = try SmallRun.engine(
      images: 2, .sinkhornKnopp,
      kernels: CPUKernels(pool: WorkerPool(threads: 2), precision: precision))
    let features = (0..<11 * 24).map { sinf(Float($0 * $0 % 101)) }
    let head = NaiveHead(engine)
    var rows: [Int] = []
    engine.forEachLogits(of: features) { row, logits in
      rows.append(row)
      let wanted = head.logits(Array(features[row * 24..<(row + 1) * 24]))
      let worst = zip(logits, wanted).map { abs($0 - $1) }.max() ?? 1
      #expect(logits.count == 30 && worst < tolerance, "row \(row): \(worst)")
      #expect((wanted.max() ?? 0) > (wanted.min() ?? 0) + 0.1, "prototypes differ")
    }
    #expect(rows == Array(0..<11))
  }

  @Test("without prototypes there are none")
  func absent() throws {
    let engine = try SmallRun.engine(images: 2, .centering) { shape in
      for number in shape.students.indices {
        shape.students[number].network.dinoHead.prototypes = 0
      }
    }
    engine.forEachLogits(of: [Float](repeating: 1, count: 24)) { _, _ in Issue.record("called") }
  }
}

/// The teacher's head for CLS tokens by its definition, without kernels.
private struct NaiveHead {
  private let layout: ParameterLayout
  private let values: [Float]

  init(_ engine: Engine) {
    layout = engine.layout
    values = engine.values(of: .teacher)
  }

  private func tensor(_ name: String) -> [Float] {
    let found = layout.parameters.first { $0.name == "dino_head." + name }
    return found.map { Array(values[$0.range]) } ?? []
  }

  func logits(_ feature: [Float]) -> [Float] {
    var x = feature
    for layer in [0, 2, 4] {
      let (weight, bias) = (tensor("mlp.\(layer).weight"), tensor("mlp.\(layer).bias"))
      x = bias.indices.map { row in
        let sum = x.indices.reduce(bias[row]) { $0 + weight[row * x.count + $1] * x[$1] }
        return layer == 4 ? sum : 0.5 * sum * (1 + erff(sum / Float(2).squareRoot()))
      }
    }
    x = Self.unit(x)
    let (lengths, directions) = (tensor("last_layer.weight_g"), tensor("last_layer.weight_v"))
    return lengths.indices.map { row in
      let direction = Self.unit(Array(directions[row * x.count..<(row + 1) * x.count]))
      return lengths[row] * zip(direction, x).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }

  private static func unit(_ x: [Float]) -> [Float] {
    let norm = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return x.map { $0 / norm }
  }
}
