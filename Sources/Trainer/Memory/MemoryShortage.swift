import Support

/// A run that would take more memory than there is; said before anything of it is there.
package struct MemoryShortage: Error, CustomStringConvertible {
  package let needed: Int
  /// Of a run that has several, the phase that needs it.
  package let phase: String?
  package let machine: MachineMemory
  /// What would help; `isBegun`: nothing may be changed any more.
  package let remedy: MemoryRemedy?
  package let isBegun: Bool

  package var description: String {
    let there =
      switch machine.limit {
      case .machine: "the machine has \(Format.bytesRoundedUp(machine.availableBytes)) available"
      case .controlGroup:
        "its control group has \(Format.bytesRoundedUp(machine.availableBytes)) left"
      }
    let who = phase.map { "the run's phase \($0)" } ?? "the run"
    return "\(who) needs \(Format.bytesRoundedUp(needed)) of memory, \(there); \(help)"
  }

  private var help: String {
    if isBegun { return "free some, or take the run up where there is more" }
    guard let remedy else {
      return "a smaller model, crop size or head needs less; 'dinod plan' says what takes how much"
    }
    let words = remedy.overrides.map { "--set \($0)" }.joined(separator: " ")
    return "with \(words) it needs \(Format.bytesRoundedUp(remedy.memory.totalBytes))"
  }
}

extension RunMemory {
  /// Why the run does not fit; nil where it does, or where the system does not say what there is.
  /// `isBegun`: the run has steps behind it, so that its recipe stays as it is. `phase`: as the run
  /// calls what is planned here, where it has several.
  package func shortage(
    _ machine: MachineMemory?, isBegun: Bool = false, phase: String? = nil
  ) -> MemoryShortage? {
    guard let machine, totalBytes > machine.availableBytes else { return nil }
    return MemoryShortage(
      needed: totalBytes, phase: phase, machine: machine,
      remedy: isBegun ? nil : remedy(within: machine.availableBytes), isBegun: isBegun)
  }
}
