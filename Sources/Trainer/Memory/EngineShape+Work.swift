import Kernels
import Model

extension EngineShape {
  /// The kernels of a step that take memory of their own, at their largest.
  package var work: [KernelWork] {
    let backbone = network.backbone
    let tokens = StochasticDepth.mostTokens(
      rates: dropPathRates, groups: studentGroups, backbone)
    let teacherTokens = globalCrops.sequences(backbone).tokens
    let lengths = Set(studentGroups.map { $0.sequences(backbone).length })
    return studentGroups.map {
      .linear(rows: $0.patches, inputs: backbone.patchElements, outputs: backbone.embedDim)
    } + [tokens, teacherTokens, counts.cls + maskedPatches].flatMap { block($0) }
      + lengths.map {
        .attention(length: $0, headWidth: backbone.embedDim / backbone.numHeads)
      } + [.norm(rows: counts.cls + maskedPatches, width: backbone.embedDim)] + heads
  }

  private func block(_ tokens: Int) -> [KernelWork] {
    let backbone = network.backbone
    let width = backbone.embedDim
    return [
      .linear(rows: tokens, inputs: width, outputs: 3 * width),
      .linear(rows: tokens, inputs: width, outputs: width),
      .linear(rows: tokens, inputs: width, outputs: backbone.wideWidth),
      .linear(rows: tokens, inputs: backbone.hiddenWidth, outputs: width),
      .norm(rows: tokens, width: width),
    ]
  }

  private var heads: [KernelWork] {
    let part = Network.partRows(of: maskedPatches)
    let patchHead = network.ibotHead ?? network.dinoHead
    return head(network.dinoHead, rows: counts.cls, targets: counts.global)
      + head(patchHead, rows: part, targets: maskedPatches)
  }

  private func head(_ head: HeadShape, rows: Int, targets: Int) -> [KernelWork] {
    let widths =
      [head.inputs] + Array(repeating: head.hidden, count: head.layers - 1) + [head.bottleneck]
    let layers = zip(widths, widths.dropFirst()).map {
      KernelWork.linear(rows: rows, inputs: $0, outputs: $1)
    }
    let prototypes = KernelWork.prototypes(
      rows: rows, inputs: head.bottleneck, count: head.prototypes)
    guard centering == .sinkhornKnopp else { return layers + [prototypes] }
    return layers + [prototypes, .sinkhornKnopp(samples: targets, prototypes: head.prototypes)]
  }
}
