import Kernels
import Model
import Tensor

/// The parameters of a network: whole, or divided among the processes.
///
/// Of divided parameters each process owns a slice of every unit, which its optimiser updates. A unit is
/// gathered from all processes before it is computed with; the next one is on its way meanwhile.
final class ParameterStore {
  /// The tensors that passes compute with; those of a unit are there between `enter` and `leave`.
  let weights: NetworkParameters
  /// What this process owns and its optimiser updates: all parameters, or its slices one after the other.
  let owned: Buffer
  let units: ParameterUnits
  /// nil if the parameters are whole.
  private let gathered: GatheredUnits?
  private let starts: [Int]
  /// Records what is computed, waited for and sent; nil mostly.
  var trace: StepTrace?

  /// - Parameter gathered: where units are gathered; nil to keep all parameters whole.
  init(_ owned: Buffer, _ shape: NetworkShape, _ units: ParameterUnits, gathered: GatheredUnits?) {
    self.owned = owned
    self.units = units
    self.gathered = gathered
    starts = units.shard.starts
    weights = gathered?.parameters(shape, units) ?? NetworkParameters(in: owned, shape)
  }

  /// Whether this process owns a part only.
  var isSharded: Bool { gathered != nil }

  /// Waits until a unit is whole, and begins to gather those that will be needed next.
  func enter(_ kernels: any Kernels, _ unit: Int, next: some Sequence<Int>) {
    defer { trace?.mark(units.units[unit].name) }
    guard let gathered else { return }
    start(kernels, unit)
    finish(kernels, slot: gathered.slots[unit])
    for next in next.prefix(gathered.ahead) where gathered.slots[next] != gathered.slots[unit] {
      start(kernels, next)
    }
  }

  /// Begins to gather a unit, unless it is there or on its way.
  private func start(_ kernels: any Kernels, _ unit: Int) {
    guard let gathered else { return }
    let slot = gathered.slots[unit]
    if let there = gathered.occupants[slot], there.isCurrent, there.unit == unit,
      there.owner == ObjectIdentifier(self)
    {
      return
    }
    // What was on its way there must not come later.
    finish(kernels, slot: slot)
    kernels.copy(owned[place(units.own(unit), unit: unit)], to: ownPlace(unit))
    let ticket = sending("gather", kernels, unit) {
      kernels.startGather(
        gathered.places[unit], stride: units.stride(unit), as: gathered.element)
    }
    gathered.occupants[slot] = GatheredUnits.Occupant(
      owner: ObjectIdentifier(self), unit: unit, ticket: ticket)
  }

  /// Waits for what is on its way to a place.
  private func finish(_ kernels: any Kernels, slot: Int) {
    guard let gathered, let there = gathered.occupants[slot], let ticket = there.ticket else {
      return
    }
    finish(kernels, ticket, there.unit)
    gathered.occupants[slot]?.ticket = nil
  }

  /// Starts to send something of a unit.
  func sending(
    _ what: String, _ kernels: any Kernels, _ unit: Int, _ body: () -> CollectiveTicket
  ) -> CollectiveTicket {
    guard let trace else { return body() }
    return trace.sending("\(what) \(units.units[unit].name)", kernels, body)
  }

  /// Waits for something of a unit.
  func finish(_ kernels: any Kernels, _ ticket: CollectiveTicket, _ unit: Int) {
    waiting(for: units.units[unit].name) { kernels.finish(ticket) }
  }

  /// Waits for other processes in `body`.
  func waiting(for what: String, _ body: () -> Void) {
    if let trace { trace.waiting(for: what, body) } else { body() }
  }

  /// Where a unit is whole.
  func place(of unit: Int) -> Buffer { gathered!.places[unit] }

  /// Makes a unit of a buffer of owned elements whole, in the place of its parameters. All processes call it.
  func gather(_ kernels: any Kernels, _ unit: Int, of buffer: Buffer) {
    clear(kernels, unit)
    kernels.copy(buffer[place(units.own(unit), unit: unit)], to: ownPlace(unit))
    kernels.finish(kernels.startGather(place(of: unit), stride: units.stride(unit), as: .fp32))
  }

  /// Gives what process 0 has at a unit's place to all, which keep what they own. All processes call it.
  func scatter(_ kernels: any Kernels, _ unit: Int, to buffer: Buffer) {
    clear(kernels, unit)
    kernels.broadcast(place(of: unit))
    kernels.copy(ownPlace(unit), to: buffer[place(units.own(unit), unit: unit)])
  }

  /// Forgets what is at a unit's place, or on its way there.
  private func clear(_ kernels: any Kernels, _ unit: Int) {
    guard let gathered else { return }
    finish(kernels, slot: gathered.slots[unit])
    gathered.occupants[gathered.slots[unit]] = nil
  }

  /// The part of a unit's place that this process owns.
  private func ownPlace(_ unit: Int) -> Buffer {
    let (own, first) = (units.own(unit), units.units[unit].range.lowerBound)
    return place(of: unit)[own.lowerBound - first..<own.upperBound - first]
  }

  /// Tells that the owned parameters have changed, so that what was gathered is out of date.
  func release() {
    guard let gathered else { return }
    for slot in gathered.occupants.indices
    where gathered.occupants[slot]?.owner == ObjectIdentifier(self) {
      gathered.occupants[slot]?.isCurrent = false
    }
  }

  /// The part of a buffer of owned elements that holds a rank's slice of a unit.
  func slice(_ unit: Int, rank: Int, of buffer: Buffer) -> Buffer {
    let slice = units.slice(unit, rank: rank)
    guard isSharded else { return buffer[slice] }
    let first = starts[unit] + (rank - units.ranks.local.lowerBound) * units.part(unit)
    return buffer[first..<first + slice.count]
  }

  /// Where elements of a unit that this process owns are in a buffer of owned elements.
  func place(_ range: Range<Int>, unit: Int) -> Range<Int> {
    guard isSharded else { return range }
    let offset = starts[unit] - units.own(unit).lowerBound
    return range.lowerBound + offset..<range.upperBound + offset
  }
}
