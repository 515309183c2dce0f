extension EnginePlan {
  /// Bytes of the arena.
  package var bytes: Int { arena.bytes }

  /// Bytes of the arena by purpose, which add up to `bytes`. Of parts that overlap, only the longest is
  /// counted.
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
