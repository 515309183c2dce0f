import Model
import Store

extension WeightLayout {
  /// Returns a backbone's tensors in this layout, ready to be written.
  func tensors(of weights: BackboneWeights) -> [TensorSource] {
    precondition(!isRotary && weights.shape.rotary == nil, "layouts of DINOv3 are read only")
    let layout = weights.shape.layout
    let places = Dictionary(
      uniqueKeysWithValues: layout.parameters.map { ($0.name.dropFirst("backbone.".count), $0) })
    let rules = rules(isGated: weights.shape.isGated, hasRegisters: weights.shape.registers > 0)
    func place(_ official: String) -> Parameter {
      guard let place = places[official[...]] else { preconditionFailure("no \(official) in it") }
      return place
    }
    return rules.flatMap { rule -> [TensorSource] in
      guard rule.official.contains("#") else {
        return rule.place.tensors(place(rule.official), weights, place("pos_embed"))
      }
      return (0..<weights.shape.depth).flatMap { block in
        rule.place.numbered(block)
          .tensors(place(Weights.numbered(rule.official, block)), weights, place("pos_embed"))
      }
    }
  }
}

extension WeightLayout.Place {
  /// Returns the place with `#` replaced by a block's number.
  fileprivate func numbered(_ block: Int) -> WeightLayout.Place {
    switch self {
    case .same(let name): .same(Weights.numbered(name, block))
    case .rows(let names): .rows(names.map { Weights.numbered($0, block) })
    case .squeezed, .withoutKeys, .maskedKeys, .withoutFirst, .withPosition, .absent: self
    }
  }

  /// Returns the tensors in a file that represent one official tensor.
  fileprivate func tensors(
    _ parameter: Parameter, _ weights: BackboneWeights, _ positions: Parameter
  ) -> [TensorSource] {
    let range = parameter.range
    var shape = parameter.shape
    switch self {
    case .absent, .squeezed, .withoutKeys, .maskedKeys: return []
    case .same(let name): return [weights.tensor(name, shape, at: range.lowerBound)]
    case .rows(let names):
      shape[0] /= names.count
      let each = range.count / names.count
      return names.enumerated().map { number, name in
        weights.tensor(name, shape, at: range.lowerBound + number * each)
      }
    case .withoutFirst(let name):
      shape[1] -= 1
      return [weights.tensor(name, shape, at: range.lowerBound + shape[2])]
    case .withPosition(let name):
      let first = weights.values[positions.range].prefix(range.count)
      // A token whose position is zero is kept bit for bit, including −0.
      let sums = zip(weights.values[range], first).map { $1 == 0 ? $0 : $0 + $1 }
      return [.floats(name, shape, sums)]
    }
  }
}

extension BackboneWeights {
  /// Returns a tensor whose values are consecutive, beginning at `first`.
  fileprivate func tensor(_ name: String, _ shape: [Int], at first: Int) -> TensorSource {
    .floats(name, shape) { [values] range, target in
      values.withUnsafeBufferPointer {
        let part = UnsafeBufferPointer(
          rebasing: $0[first + range.lowerBound..<first + range.upperBound])
        _ = target.update(fromContentsOf: part)
      }
    }
  }
}
