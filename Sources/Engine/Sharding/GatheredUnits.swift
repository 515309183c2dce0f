import Model
import Tensor

/// Memory in which units of parameters, or of their gradients, are whole for a while.
///
/// Units that share a place are never needed at the same time.
final class GatheredUnits {
  /// What is at a place, or on its way there: a unit of an owner.
  struct Occupant {
    let owner: ObjectIdentifier
    let unit: Int
    /// The call that brings it; nil once it is there.
    var ticket: CollectiveTicket?
    /// Whether it is what its owner has now.
    var isCurrent = true
  }

  /// Which units take turns: none, or blocks at so many places, and heads at one.
  enum Sharing: Equatable {
    case none
    case blocks(places: Int)
    case blocksAndHeads(places: Int)

    /// The number of places of blocks; nil if each has its own.
    var places: Int? {
      switch self {
      case .none: nil
      case .blocks(let places), .blocksAndHeads(let places): places
      }
    }

    var isOfHeads: Bool { if case .blocksAndHeads = self { true } else { false } }
  }

  /// The places at which blocks' parameters take turns: one is computed with, the next one is on its way.
  static let parameterPlaces = 2

  /// How units are sent.
  let element: Element
  /// The place of each unit, in the units' order.
  let places: [Buffer]
  /// The number of each unit's place.
  let slots: [Int]
  /// How many units may be on their way at a time, beside the one that is needed.
  let ahead: Int
  var occupants: [Occupant?]

  /// - Parameters:
  ///   - sharing: which units take turns.
  ///   - element: how units are sent.
  init(_ plan: ArenaPlan, _ units: ParameterUnits, sharing: Sharing, element: Element) {
    self.element = element
    ahead = sharing == .none ? units.units.count : 1
    var block = 0
    let names = units.units.map { unit -> String in
      if let places = sharing.places, unit.isBlock {
        block += 1
        return "block \(block % places)"
      }
      return unit.module != "backbone" && sharing.isOfHeads ? "head" : unit.name
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
