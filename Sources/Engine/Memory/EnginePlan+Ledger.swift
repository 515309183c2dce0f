extension EnginePlan {
  /// Bytes of the arena.
  package var bytes: Int { arena.bytes }

  /// Bytes of the arena by purpose, which add up to `bytes`. Of what shares its place the longest
  /// counts.
  package var ledger: [MemoryPurpose: Int] {
    var ledger: [MemoryPurpose: Int] = [:]
    for (name, bytes) in arena.bytesByPurpose {
      guard let purpose = MemoryPurpose(rawValue: name) else {
        preconditionFailure("memory was planned for no purpose")
      }
      ledger[purpose] = bytes
    }
    return ledger
  }
}
