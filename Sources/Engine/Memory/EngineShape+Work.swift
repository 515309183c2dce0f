import Kernels
import Model

extension EngineShape {
  /// The kernels of a step that need workspace, with their largest sizes.
  package var work: [KernelWork] {
    let global = teacherCrops.sequences(teacher.backbone).tokens
    return work(
      of: teacher, groups: [teacherCrops], tokens: global, cls: counts.global,
      patches: teacherPatches)
      + students.flatMap { student in
        let backbone = student.network.backbone
        let tokens = StochasticDepth.mostTokens(
          rates: dropPathRates, groups: studentGroups, backbone)
        return work(
          of: student.network, groups: studentGroups, tokens: tokens, cls: counts.cls,
          patches: maskedPatches)
      }
  }

  /// The kernels of a network's passes.
  ///
  /// - Parameters:
  ///   - tokens: the most that a block computes.
  ///   - cls: the CLS tokens that go through the head.
  ///   - patches: the most patches that are returned with them.
  private func work(
    of network: NetworkShape, groups: [CropGroup], tokens: Int, cls: Int, patches: Int
  ) -> [KernelWork] {
    let backbone = network.backbone
    let lengths = Set(groups.map { $0.sequences(backbone).length })
    return groups.map {
      .linear(rows: $0.patches, inputs: backbone.patchElements, outputs: backbone.embedDim)
    } + [tokens, cls + patches].flatMap { block($0, backbone) }
      + lengths.map {
        .attention(length: $0, headWidth: backbone.embedDim / backbone.numHeads)
      } + [.norm(rows: cls + patches, width: backbone.embedDim)] + heads(network, cls)
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

  /// The kernels that make targets of a head's outputs.
  private func targetWork(_ head: HeadShape, _ samples: Int) -> [KernelWork] {
    let ranks = ranks.local.count
    return switch centering {
    case .sinkhornKnopp:
      [.sinkhornKnopp(ranks: ranks, samples: samples, prototypes: head.outputs)]
    case .centering, .standardisation: [.center(ranks: ranks, prototypes: head.outputs)]
    case .none: [.codingRate(samples: counts.images, width: head.outputs)]
    }
  }

  private func head(_ head: HeadShape, rows: Int, targets: Int) -> [KernelWork] {
    let widths = head.widths
    let layers = (0..<head.layers).map {
      KernelWork.linear(
        rows: rows, inputs: widths[$0], outputs: widths[$0 + 1], activated: $0 > 0)
    }
    let prototypes: [KernelWork] =
      head.prototypes > 0
      ? [.prototypes(rows: rows, inputs: head.bottleneck, count: head.prototypes)] : []
    return layers + prototypes + targetWork(head, targets)
  }
}
