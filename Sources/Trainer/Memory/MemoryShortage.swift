import Support

/// An error: a run needs more memory than there is. It is thrown before any memory is reserved.
package struct MemoryShortage: Error, CustomStringConvertible {
  package let needed: Int
  /// The phase that needs the memory; `nil` if the run has only one.
  package let phase: String?
  package let machine: MachineMemory
  /// A change of the recipe that helps; `nil` if there is none, or if the recipe must not change
  /// because the run has begun.
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
    if isBegun { return "free some memory, or resume the run on a machine that has more" }
    guard let remedy else {
      return "a smaller model, crop size or head needs less; 'dinod plan' shows what needs how much"
    }
    let words = remedy.overrides.map { "--set \($0)" }.joined(separator: " ")
    return "with \(words) it needs \(Format.bytesRoundedUp(remedy.memory.totalBytes))"
  }
}

extension RunMemory {
  /// Returns why the run does not fit; `nil` if it fits, or if the system does not report its
  /// memory.
  ///
  /// - Parameters:
  ///   - isBegun: whether the run has steps already, so that its recipe must not change.
  ///   - phase: the name of the phase that is planned here, if the run has several.
  package func shortage(
    _ machine: MachineMemory?, isBegun: Bool = false, phase: String? = nil
  ) -> MemoryShortage? {
    guard let machine, totalBytes > machine.availableBytes else { return nil }
    return MemoryShortage(
      needed: totalBytes, phase: phase, machine: machine,
      remedy: isBegun ? nil : remedy(within: machine.availableBytes), isBegun: isBegun)
  }
}
