import Engine
import Kernels
import KernelsCPU
import Model
import Tensor
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("What the CLS token attends to")
struct AttentionPictureTests {
  /// A network of one block, so that its last block sees the patches as they are embedded.
  private func engine(_ precision: Precision) throws -> Engine {
    try SmallRun.engine(
      images: 2, .sinkhornKnopp,
      kernels: CPUKernels(pool: WorkerPool(threads: 2), precision: precision)
    ) { shape in
      shape.students[0].network.backbone.depth = 1
    }
  }

  @Test(
    "it is the softmax of the last block, the mean over heads, of every crop",
    arguments: [(Precision.fp32, Float(1e-5)), (.bf16, 4e-3)])
  func weights(_ precision: Precision, _ tolerance: Float) throws {
    let engine = try engine(precision)
    let size = 3 * 16 * 16
    // More crops than a pass has, and not a multiple of them.
    let crops = Array(SmallRun.batch([1, 2, 3, 4]).globalCrops.prefix(5 * size))
    let found = engine.clsAttention(crops, by: .teacher)
    #expect(found.count == 5 * 16)
    for crop in 0..<5 {
      let wanted = NaiveAttention(engine).cls(Array(crops[crop * size..<(crop + 1) * size]))
      let worst = zip(found[crop * 16..<(crop + 1) * 16], wanted).map { abs($0 - $1) }.max() ?? 1
      #expect(worst < tolerance, "crop \(crop): \(worst)")
      #expect((wanted.max() ?? 0) > 1.5 * (wanted.min() ?? 1), "patches differ")
    }
  }
}

/// The attention of a network's first block by its definition, without kernels.
private struct NaiveAttention {
  private let shape: BackboneShape
  private let values: [Float]
  private let side = 16

  init(_ engine: Engine) {
    shape = engine.shape.network.backbone
    values = engine.values(of: .teacher)
  }

  private func tensor(_ name: String) -> [Float] {
    let found = shape.layout.parameters.first { $0.name == "backbone." + name }
    return found.map { Array(values[$0.range]) } ?? []
  }

  /// softmax(q kᵀ / √d) of the CLS token, the mean over heads.
  func cls(_ crop: [Float]) -> [Float] {
    let tokens = normalised(embedded(crop))
    let width = shape.embedDim
    let (qkv, bias) = (tensor("blocks.0.attn.qkv.weight"), tensor("blocks.0.attn.qkv.bias"))
    func product(_ token: [Float], _ row: Int) -> Float {
      (0..<width).reduce(bias[row]) { $0 + token[$1] * qkv[row * width + $1] }
    }
    let each = width / shape.numHeads
    var mean = [Float](repeating: 0, count: tokens.count)
    for head in 0..<shape.numHeads {
      let rows = head * each..<(head + 1) * each
      let query = rows.map { product(tokens[0], $0) }
      let weights = tokens.map { token in
        let score = zip(query, rows).reduce(Float(0)) { $0 + $1.0 * product(token, width + $1.1) }
        return expf(score / Float(each).squareRoot())
      }
      let sum = weights.reduce(0, +) * Float(shape.numHeads)
      for token in weights.indices { mean[token] += weights[token] / sum }
    }
    // The patches come after the CLS token and one register.
    return Array(mean[2...])
  }

  /// The CLS token, a register and the patches.
  private func embedded(_ crop: [Float]) -> [[Float]] {
    let (width, patch) = (shape.embedDim, shape.patchSize)
    let (weight, bias) = (tensor("patch_embed.proj.weight"), tensor("patch_embed.proj.bias"))
    let positions = tensor("pos_embed")
    let patches = (0..<16).map { place in
      let (top, left) = (place / 4 * patch, place % 4 * patch)
      return (0..<width).map { output in
        var sum = bias[output] + positions[(1 + place) * width + output]
        for index in 0..<3 * patch * patch {
          let (channel, y, x) = (index / (patch * patch), index / patch % patch, index % patch)
          sum +=
            weight[output * 3 * patch * patch + index]
            * crop[(channel * side + top + y) * side + left + x]
        }
        return sum
      }
    }
    let cls = zip(tensor("cls_token"), positions).map { $0 + $1 }
    return [cls, tensor("register_tokens")] + patches
  }

  private func normalised(_ tokens: [[Float]]) -> [[Float]] {
    let (scale, shift) = (tensor("blocks.0.norm1.weight"), tensor("blocks.0.norm1.bias"))
    return tokens.map { token in
      let mean = token.reduce(0, +) / Float(token.count)
      let variance = token.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(token.count)
      return token.indices.map {
        (token[$0] - mean) / (variance + shape.normEpsilon).squareRoot() * scale[$0] + shift[$0]
      }
    }
  }
}
