import Kernels
import Tensor

/// The units of a network that are gathered and whose gradients are reduced one after the other, as FSDP
/// wraps modules: the embedding, each block (the last with the final norm), and each head. Each is divided
/// evenly among the ranks.
package struct ParameterUnits: Sendable, Equatable {
  /// A run of neighbouring tensors.
  package struct Unit: Sendable, Equatable {
    /// `backbone.embedding`, `backbone.blocks.3`, `dino_head`, `ibot_head`.
    package let name: String
    /// Its elements in the layout.
    package fileprivate(set) var range: Range<Int>

    /// The sub-module that it belongs to.
    package var module: String { String(name.prefix { $0 != "." }) }
    package var isBlock: Bool { name.hasPrefix(ParameterUnits.blocks) }
  }

  package let units: [Unit]
  /// The ranks among which units are divided.
  package let ranks: Ranks
  fileprivate static let blocks = "backbone.blocks."

  /// The units of a network's layout, or of a backbone's.
  package init(_ layout: ParameterLayout, _ ranks: Ranks) {
    var units: [Unit] = []
    for (number, parameter) in layout.parameters.enumerated() {
      let name = Self.unit(of: parameter.name, after: units.last?.name)
      // Padding behind a tensor belongs to its unit.
      let next = number + 1
      let end =
        next < layout.parameters.count ? layout.parameters[next].range.lowerBound : layout.count
      if let last = units.last, last.name == name {
        units[units.count - 1].range = last.range.lowerBound..<end
      } else {
        units.append(Unit(name: name, range: parameter.range.lowerBound..<end))
      }
    }
    self.units = units
    self.ranks = ranks
  }

  private static func unit(of name: String, after last: String?) -> String {
    guard name.hasPrefix("backbone.") else { return String(name.prefix { $0 != "." }) }
    if name.hasPrefix(blocks) {
      return blocks + name.dropFirst(blocks.count).prefix { $0 != "." }
    }
    return name.hasPrefix("backbone.norm.") ? last ?? "backbone.embedding" : "backbone.embedding"
  }

  /// The elements of a unit that a rank owns, at most.
  package func part(_ unit: Int) -> Int {
    let count = units[unit].range.count
    let unit = ParameterLayout.alignment
    return ((count + ranks.world - 1) / ranks.world + unit - 1) / unit * unit
  }

  /// The elements of a unit that a rank owns, in the layout.
  package func slice(_ unit: Int, rank: Int) -> Range<Int> {
    slice(unit, ranks: rank..<rank + 1)
  }

  /// The elements of a unit that a process owns, in the layout.
  package func slice(_ unit: Int, process: Int) -> Range<Int> {
    let each = ranks.local.count
    return slice(unit, ranks: process * each..<(process + 1) * each)
  }

  /// The elements of a unit that this process owns, in the layout.
  package func own(_ unit: Int) -> Range<Int> { slice(unit, ranks: ranks.local) }

  /// The numbers of the units that have some of these elements.
  package func overlapping(_ range: Range<Int>) -> [Int] {
    units.indices.filter { units[$0].range.overlaps(range) }
  }

  private func slice(_ unit: Int, ranks: Range<Int>) -> Range<Int> {
    let (range, part) = (units[unit].range, part(unit))
    return min(
      range.lowerBound + ranks.lowerBound * part, range.upperBound)..<min(
        range.lowerBound + ranks.upperBound * part, range.upperBound)
  }

  /// The elements between the parts of two processes.
  package func stride(_ unit: Int) -> Int { ranks.local.count * part(unit) }

  /// Where the slice of each unit begins in a buffer of all slices of this process, and the size of that
  /// buffer.
  package var shard: (starts: [Int], count: Int) {
    var (starts, count): ([Int], Int) = ([], 0)
    for unit in units.indices {
      starts.append(count)
      count += stride(unit)
    }
    return (starts, count)
  }
}

/// What happens when a pass begins and ends to use the parameters of a unit.
package protocol UnitAccess {
  /// Waits until a unit's tensors may be used. Units are numbered as in `ParameterUnits`.
  func enter(_ kernels: any Kernels, _ unit: Int)
  /// Tells that the pass needs the unit's tensors no longer.
  func leave(_ kernels: any Kernels, _ unit: Int)
}

/// All parameters are there all the time.
package struct ResidentUnits: UnitAccess {
  package init() {}
  package func enter(_ kernels: any Kernels, _ unit: Int) {}
  package func leave(_ kernels: any Kernels, _ unit: Int) {}
}
