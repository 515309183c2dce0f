import Model
import Store
import Support

extension OfficialTensors {
  /// Whether queries and keys are turned instead of positions learned: a backbone of DINOv3.
  func isRotary(_ facts: SourceFacts) -> Bool { layout.isRotary || facts.rotary != nil }

  /// Returns what turns queries and keys: as the metadata say, by the periods in the file, or by those that all
  /// released models have. `nil` if positions are learned.
  func rotary(_ width: Int, _ facts: SourceFacts) throws(FileError) -> RotaryPositions? {
    guard isRotary(facts) else { return nil }
    var found = facts.rotary
    let name = "backbone." + WeightLayout.periods
    if found == nil, let entry = entries[name] {
      guard entry.shape.count == 1, 1...256 ~= entry.shape[0] else {
        throw refused("has periods of rotations of shape \(entry.shape)")
      }
      let periods = try floats(name)
      guard periods.allSatisfy({ $0 > 0 }) else {
        throw refused("has a period that is not above 0")
      }
      found = RotaryPositions(periods: periods)
    }
    if let found {
      guard width % found.headWidth == 0 else {
        throw refused(
          "has \(found.periods.count) periods of rotations, for heads \(found.headWidth) wide, and tokens "
            + "\(width) wide")
      }
      return found
    }
    let each = try width / heads(width, facts)
    guard each % 4 == 0 else {
      throw refused("has heads \(each) wide, and rotations need a multiple of 4")
    }
    return RotaryPositions(theta: RotaryPositions.usualTheta, headWidth: each)
  }
}

extension SourceFacts {
  /// The side of the grid that a backbone without learned positions is said to be trained for; by default that of
  /// 224 pixels.
  func trainedGrid(patch: Int) -> Int {
    let image = claims.first { $0.size == .image }.flatMap { Int(exactly: $0.value) }
    return grid ?? max(1, (image ?? 224) / patch)
  }
}

extension WeightsInput {
  /// Throws if the weights are a backbone of DINOv3: its rotations have no backward pass, and no layout writes
  /// them.
  ///
  /// - Parameter purpose: what it is wanted for, as in "to begin a run with".
  func refuseRotary(_ purpose: String) throws(FileError) {
    guard tensors.isRotary(facts) else { return }
    throw FileError(
      file: path,
      what: "is a backbone of DINOv3, which Dino computes but does not train, so it is nothing "
        + purpose,
      remedy: "let a student learn from it (dino distill WEIGHTS --arch vit_small --recipe "
        + "RECIPE.yaml --name RUN), or use it as it is with dinod embed and dinod eval")
  }
}
