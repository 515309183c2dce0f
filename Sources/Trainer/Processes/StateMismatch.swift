import Engine

/// An error: processes that must hold the same state do not, so that one of them has computed wrongly.
package struct StateMismatch: Error, Equatable, CustomStringConvertible {
  /// The parts that differ, such as `student`.
  let parts: [String]
  /// The processes that differ from most others, or all if there is no majority.
  let processes: [String]
  /// Whether most others agree, so that it is known which are wrong.
  let isMinority: Bool

  package var description: String {
    let who = processes.joined(separator: ", ")
    let what = parts.joined(separator: ", ")
    let verdict =
      isMinority
      ? "\(who) computed other bits than most processes"
      : "\(who) computed different bits, so that one of them is wrong"
    return "\(verdict): \(what); memory or processor of a host may be at fault; "
      + "resume from the last checkpoint, which was compared, on other hosts if it happens again"
  }
}

extension StateMismatch {
  /// Throws if checksums of the same state differ.
  ///
  /// - Parameters:
  ///   - checksums: what each process found, by part; fewer than there are processes if it was not asked.
  ///   - facts: who the processes are.
  package static func check(
    _ checksums: [[String: String]], of facts: [ProcessFacts]
  ) throws(StateMismatch) {
    guard checksums.count == facts.count, let first = checksums.first,
      checksums.contains(where: { $0 != first })
    else { return }
    let parts = Set(checksums.flatMap(\.keys)).sorted().filter { part in
      checksums.contains { $0[part] != first[part] }
    }
    let groups = Dictionary(grouping: checksums.indices) { checksums[$0] }
    let most = groups.values.first { $0.count * 2 > facts.count }
    let differing = checksums.indices.filter { !(most?.contains($0) ?? false) }
    throw StateMismatch(
      parts: parts, processes: differing.map { facts[$0].name }, isMinority: most != nil)
  }
}
