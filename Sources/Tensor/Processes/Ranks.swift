/// The ranks of a run, and those that one of its processes computes.
///
/// A rank is what a GPU is in the official code: it has a batch, masks and random draws of its own, and
/// the method says what is summed over all ranks. Their number, the world, is written in the recipe. The
/// number of processes is not: each computes an equal share of the ranks, one after the other, and all
/// sums over ranks are added in one fixed tree (`SumTree`). So results do not depend on the number of
/// processes.
package struct Ranks: Sendable, Equatable {
  /// The number of ranks.
  package let world: Int
  /// The ranks of this process.
  package let local: Range<Int>

  /// One rank.
  package static let one = Ranks(world: 1, of: .only)

  /// The share of a process. The number of processes must suit the world, see `allows`.
  package init(world: Int, of place: ProcessPlace) {
    precondition(Self.allows(place.count, world: world))
    self.world = world
    let each = world / place.count
    local = place.number * each..<(place.number + 1) * each
  }

  /// Whether so many processes can share the ranks: each of them must have a whole branch of the tree in
  /// which ranks are summed. So their number is a power of two that divides the world, or the world.
  package static func allows(_ processes: Int, world: Int) -> Bool {
    guard processes > 0, world % processes == 0 else { return false }
    return processes & (processes - 1) == 0 || processes == world
  }

  /// The numbers of processes that can share the ranks, in order.
  package static func processes(for world: Int) -> [Int] {
    (1...world).filter { allows($0, world: world) }
  }
}

/// Which of a run's processes this one is.
package struct ProcessPlace: Sendable, Equatable {
  /// The number of the process, from 0.
  package let number: Int
  /// The number of processes.
  package let count: Int
  /// How many of them share this one's host, its cores and its memory.
  package let onHost: Int

  /// The only process of a run.
  package static let only = ProcessPlace(number: 0, of: 1)

  package init(number: Int, of count: Int, onHost: Int = 1) {
    precondition((0..<count).contains(number) && onHost > 0)
    self.number = number
    self.count = count
    self.onHost = onHost
  }
}
