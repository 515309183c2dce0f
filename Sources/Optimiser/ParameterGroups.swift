import Kernels
import Model

#if canImport(Glibc)
  import Glibc
#endif

/// Neighbouring tensors with the same learning rate factor and weight decay.
package struct ParameterGroup: Sendable, Equatable {
  /// The elements of the group among all parameters.
  package var range: Range<Int>
  /// The number of the sub-module by whose gradient norm it is clipped.
  package var module: Int
  /// The factor of the learning rate.
  package var lrScale: Double
  /// Whether it holds prototypes, whose learning rate is 0 at first.
  package var isLastLayer: Bool
  /// Whether weight decay applies.
  package var decays: Bool
}

/// The sub-modules of a network, each of which is clipped by itself, and the groups of its parameters.
package struct ParameterGroups: Sendable {
  /// The names of all sub-modules that a network may have.
  package static let moduleNames = ["backbone", "dino_head", "ibot_head"]

  /// The sub-modules that the network has; with tied heads there is no `ibot_head`.
  package let modules: [(name: String, range: Range<Int>)]
  /// The groups in the order of the layout.
  package let groups: [ParameterGroup]

  /// Groups the parameters of a layout by learning rate and weight decay, as the official code does.
  ///
  /// - Parameter frozen: what of the backbone has a learning rate of 0, and with it no weight decay.
  package init(
    layout: ParameterLayout, depth: Int, layerwiseDecay: Double, patchEmbedLrMult: Double,
    frozen: FrozenPart = .nothing
  ) {
    modules = Self.moduleNames.map { ($0, layout.range(of: $0 + ".")) }.filter { !$0.1.isEmpty }
    var groups: [ParameterGroup] = []
    for (number, module) in modules.enumerated() {
      for parameter in layout.parameters(of: module.name + ".") {
        let name = String(parameter.name.dropFirst(module.name.count + 1))
        let group = ParameterGroup(
          range: parameter.range, module: number,
          lrScale: module.name != "backbone"
            ? 1
            : frozen.contains(layer: Self.layer(name, depth: depth), depth: depth)
              ? 0
              : Self.lrScale(
                name, depth: depth, decay: layerwiseDecay, patchEmbed: patchEmbedLrMult),
          isLastLayer: name.contains("last_layer"), decays: Self.decays(name))
        if let last = groups.last, last.alike(group) {
          groups[groups.count - 1].range = last.range.lowerBound..<group.range.upperBound
        } else {
          groups.append(group)
        }
      }
    }
    self.groups = groups
  }

  /// The groups within a buffer of the slices that a process owns, one after the other.
  package func divided(by units: ParameterUnits) -> ParameterGroups {
    let starts = units.shard.starts
    var divided: [ParameterGroup] = []
    for number in units.units.indices {
      let own = units.own(number)
      for group in groups {
        let part = group.range.clamped(to: own)
        guard !part.isEmpty else { continue }
        var slice = group
        let offset = starts[number] - own.lowerBound
        slice.range = part.lowerBound + offset..<part.upperBound + offset
        divided.append(slice)
      }
    }
    return ParameterGroups(modules: modules, groups: divided)
  }

  private init(modules: [(name: String, range: Range<Int>)], groups: [ParameterGroup]) {
    self.modules = modules
    self.groups = groups
  }

  /// Biases, norms and LayerScale do not decay.
  private static func decays(_ name: String) -> Bool {
    !(name.hasSuffix(".bias") || name.contains("norm") || name.contains("gamma"))
  }

  /// The layer of a tensor, where the embedding is layer 0 and what follows the blocks is layer depth + 1.
  private static func layer(_ name: String, depth: Int) -> Int {
    let parts = name.split(separator: ".")
    let before = ["pos_embed", "patch_embed", "mask_token", "cls_token", "register_tokens"]
    if before.contains(String(parts[0])) { return 0 }
    if parts[0] == "blocks", let number = Int(parts[1]) { return number + 1 }
    return depth + 1
  }

  /// decay^(depth + 1 − layer).
  private static func lrScale(
    _ name: String, depth: Int, decay: Double, patchEmbed: Double
  ) -> Double {
    pow(decay, Double(depth + 1 - layer(name, depth: depth)))
      * (name.hasPrefix("patch_embed.") ? patchEmbed : 1)
  }

  /// Fills a list with the hyperparameters of each group at a step.
  ///
  /// - Parameter gradientScale: the clipping factor of a sub-module, by its number.
  package func setSegments(
    _ segments: inout [ParameterSegment], lr: Double, lastLayerLr: Double, weightDecay: Double,
    gradientScale: (Int) -> Float
  ) {
    segments.removeAll(keepingCapacity: true)
    for group in groups {
      segments.append(
        ParameterSegment(
          range: group.range, lr: Float((group.isLastLayer ? lastLayerLr : lr) * group.lrScale),
          weightDecay: group.decays ? Float(weightDecay) : 0,
          gradientScale: gradientScale(group.module)))
    }
  }
}

extension ParameterGroup {
  fileprivate func alike(_ other: ParameterGroup) -> Bool {
    module == other.module && lrScale == other.lrScale && isLastLayer == other.isLastLayer
      && decays == other.decays
  }
}
