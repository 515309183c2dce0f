import Model
import Tensor

/// Memory in which units of parameters, or of their gradients, are whole for a while.
///
/// Units that share a place are never needed at the same time: blocks may take turns at two places, and
/// heads at one.
final class GatheredUnits {
  /// What is at a place: a unit of an owner.
  struct Occupant: Equatable {
    let owner: ObjectIdentifier
    let unit: Int
  }

  /// Which units take turns.
  enum Sharing { case none, blocks, blocksAndHeads }

  /// How units are sent.
  let element: Element
  /// The place of each unit, in the units' order.
  let places: [Buffer]
  /// The number of each unit's place.
  let slots: [Int]
  var occupants: [Occupant?]

  /// - Parameters:
  ///   - sharing: which units take turns.
  ///   - element: how units are sent.
  init(_ plan: ArenaPlan, _ units: ParameterUnits, sharing: Sharing, element: Element) {
    self.element = element
    var block = 0
    let names = units.units.map { unit -> String in
      if unit.isBlock && sharing != .none {
        block += 1
        return "block \(block % 2)"
      }
      return unit.module != "backbone" && sharing == .blocksAndHeads ? "head" : unit.name
    }
    var sizes: [String: Int] = [:]
    for (name, unit) in zip(names, units.units) {
      sizes[name] = max(sizes[name] ?? 0, unit.range.count)
    }
    var buffers: [String: (slot: Int, buffer: Buffer)] = [:]
    for name in names where buffers[name] == nil {
      buffers[name] = (buffers.count, plan.buffer(sizes[name]!))
    }
    places = zip(names, units.units).map { buffers[$0]!.buffer[0..<$1.range.count] }
    slots = names.map { buffers[$0]!.slot }
    occupants = Array(repeating: nil, count: buffers.count)
  }

  /// A network's tensors at the units' places.
  func parameters(_ shape: NetworkShape, _ units: ParameterUnits) -> NetworkParameters {
    var builder = ParameterBuilder { [places] range in
      let unit = units.units.firstIndex { $0.range.contains(range.lowerBound) }!
      let first = units.units[unit].range.lowerBound
      return places[unit][range.lowerBound - first..<range.upperBound - first]
    }
    return NetworkParameters(&builder, shape)
  }
}
