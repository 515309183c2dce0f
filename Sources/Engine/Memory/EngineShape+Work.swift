import Kernels
import Model

extension EngineShape {
  /// The kernels of a step that need workspace, with their largest sizes.
  package var work: [KernelWork] {
    let global = globalCrops.sequences(teacher.backbone).tokens
    return work(of: teacher, groups: [globalCrops], tokens: global, cls: counts.global)
      + students.flatMap { student in
        let backbone = student.network.backbone
        let tokens = StochasticDepth.mostTokens(
          rates: dropPathRates, groups: studentGroups, backbone)
        return work(of: student.network, groups: studentGroups, tokens: tokens, cls: counts.cls)
      }
  }

  /// The kernels of a network's passes.
  ///
  /// - Parameters:
  ///   - tokens: the most that a block computes.
  ///   - cls: the CLS tokens that go through the head.
  private func work(
    of network: NetworkShape, groups: [CropGroup], tokens: Int, cls: Int
  ) -> [KernelWork] {
    let backbone = network.backbone
    let lengths = Set(groups.map { $0.sequences(backbone).length })
    return groups.map {
      .linear(rows: $0.patches, inputs: backbone.patchElements, outputs: backbone.embedDim)
    } + [tokens, cls + maskedPatches].flatMap { block($0, backbone) }
      + lengths.map {
        .attention(length: $0, headWidth: backbone.embedDim / backbone.numHeads)
      } + [.norm(rows: cls + maskedPatches, width: backbone.embedDim)] + heads(network, cls)
  }

  private func block(_ tokens: Int, _ backbone: BackboneShape) -> [KernelWork] {
    let width = backbone.embedDim
    return [
      .linear(rows: tokens, inputs: width, outputs: 3 * width),
      .linear(rows: tokens, inputs: width, outputs: width),
      .linear(rows: tokens, inputs: width, outputs: backbone.wideWidth),
      .linear(rows: tokens, inputs: backbone.hiddenWidth, outputs: width, activated: true),
      .norm(rows: tokens, width: width),
    ]
  }

  private func heads(_ network: NetworkShape, _ cls: Int) -> [KernelWork] {
    let part = Network.partRows(of: maskedPatches)
    return head(network.dinoHead, rows: cls, targets: counts.global)
      + head(network.ibotHead ?? network.dinoHead, rows: part, targets: maskedPatches)
  }

  private func head(_ head: HeadShape, rows: Int, targets: Int) -> [KernelWork] {
    let widths =
      [head.inputs] + Array(repeating: head.hidden, count: head.layers - 1) + [head.bottleneck]
    let layers = (0..<head.layers).map {
      KernelWork.linear(
        rows: rows, inputs: widths[$0], outputs: widths[$0 + 1], activated: $0 > 0)
    }
    guard head.prototypes > 0 else {
      return layers + [.codingRate(samples: counts.images, width: head.bottleneck)]
    }
    let prototypes = KernelWork.prototypes(
      rows: rows, inputs: head.bottleneck, count: head.prototypes)
    let local = ranks.local.count
    let centered: KernelWork =
      centering == .sinkhornKnopp
      ? .sinkhornKnopp(ranks: local, samples: targets, prototypes: head.prototypes)
      : .center(ranks: local, prototypes: head.prototypes)
    return layers + [prototypes, centered]
  }
}
