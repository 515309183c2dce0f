#if canImport(Glibc)
  import Glibc
#endif
import Kernels

extension BackbonePass {
  /// How the CLS tokens of the first group attend to its patches in the last block, as the official code of
  /// DINO pictures it: softmax(q kᵀ / √d), the mean over heads.
  ///
  /// To be called after a pass that computed all sequences and returned CLS tokens, before memory is used for
  /// anything else.
  ///
  /// - Parameter crops: how many of the group's crops, from the first.
  /// - Returns: [crops, patches of a crop]; the rest of 1 is what a CLS token attends to itself and to
  ///   registers. Empty if there is no block.
  package func clsAttention(_ kernels: any Kernels, crops: Int) -> [Float] {
    guard shape.depth > 0, let group = groups.first else { return [] }
    let length = group.sequences(shape).length
    let all = activations[shape.depth - 1].attention.qkv
    return (0..<crops).flatMap { crop in
      // One crop at a time, so that little memory is needed besides the plan's.
      let qkv = kernels.download(all.rows(crop * length..<(crop + 1) * length))
      return clsAttention(qkv, length)[shape.leadingTokens...]
    }
  }

  /// What the first of a crop's tokens attends to, from their queries, keys and values.
  private func clsAttention(_ qkv: [Float], _ length: Int) -> [Float] {
    let width = shape.embedDim
    let each = width / shape.numHeads
    let scale = 1 / Float(each).squareRoot()
    var mean = [Float](repeating: 0, count: length)
    for head in 0..<shape.numHeads {
      let query = head * each
      let scores = (0..<length).map { token in
        let key = token * 3 * width + width + head * each
        return (0..<each).reduce(Float(0)) { $0 + qkv[query + $1] * qkv[key + $1] } * scale
      }
      let highest = scores.max() ?? 0
      let weights = scores.map { expf($0 - highest) }
      let sum = weights.reduce(0, +) * Float(shape.numHeads)
      for token in 0..<length { mean[token] += weights[token] / sum }
    }
    return mean
  }
}
