import Kernels
import Tensor

/// The comparison of the members of a list with the vectors that visit it.
struct ListComparison {
  let search: NeighbourSearch
  let vectors: Vectors
  let visits: ListVisits
  let lists: GrowingLists
  let margin: Float

  /// Compares all members of a list with all its visitors.
  func compare(_ list: Int) {
    let members = Array(visits.members[list])
    guard !members.isEmpty else { return }
    let columns = GatheredRows(vectors, members, search.pool)
    let visitors = visits.visitors(list)
    for first in stride(from: 0, to: visitors.count, by: NeighbourSearch.rowsAtATime) {
      let some = Array(visitors[first..<min(visitors.count, first + NeighbourSearch.rowsAtATime)])
      let rows = GatheredRows(vectors, some, search.pool)
      let prepared = search.kernels.prepare(rows.rows)
      withExtendedLifetime((rows, columns)) {
        for start in stride(from: 0, to: members.count, by: NeighbourSearch.columnsAtATime) {
          let part = start..<min(members.count, start + NeighbourSearch.columnsAtATime)
          compare(prepared, some, columns.rows.rows(part), Array(members[part]))
        }
      }
    }
  }

  private func compare(
    _ prepared: PreparedRows, _ visitors: [UInt32], _ columns: HostRows, _ members: [UInt32]
  ) {
    let (vectors, lists) = (vectors, lists)
    let lowest = members.map { lists.limit(Int($0)) }.min()!
    let limits = visitors.map { min(lowest, lists.limit(Int($0))) - margin }
    search.kernels.scan(
      prepared, 0..<visitors.count, columns, bias: nil, limits: limits, slack: nil
    ) { pairs in
      for pair in pairs {
        let (i, j) = (visitors[Int(pair.row)], members[Int(pair.column)])
        guard i != j else { continue }
        let score = vectors.score(Int(i), Int(j))
        lists.insert(Int(i), j, score)
        lists.insert(Int(j), i, score)
      }
    }
  }
}

/// Copies of some vectors, one after the other.
private final class GatheredRows {
  let rows: HostRows
  private let memory: UnsafeMutablePointer<Float>

  init(_ vectors: Vectors, _ indices: [UInt32], _ pool: WorkerPool) {
    let dimension = vectors.dimension
    let memory = UnsafeMutablePointer<Float>.allocate(capacity: indices.count * dimension)
    pool.forEach(indices.count, grain: 128) { place in
      (memory + place * dimension).initialize(
        from: vectors.vector(Int(indices[place])), count: dimension)
    }
    self.memory = memory
    rows = HostRows(memory, count: indices.count, width: dimension)
  }

  deinit { memory.deallocate() }
}

/// Which vectors are in a list, and which are compared with it.
struct ListVisits {
  /// The vectors that belong to each list.
  let members: Members
  private let visits: Members
  private let probes: Int

  /// - Parameter probes: the nearest lists of each vector, its own first.
  init(_ nearest: NeighbourLists, lists: Int) {
    probes = nearest.capacity
    members = Members((0..<nearest.count).map { nearest.indices($0)[0] }, clusters: lists)
    visits = Members(
      (0..<nearest.count).flatMap { nearest.indices($0).map { $0 } }, clusters: lists)
  }

  /// Returns the vectors that are compared with a list, in ascending order.
  func visitors(_ list: Int) -> [UInt32] {
    visits[list].map { $0 / UInt32(probes) }
  }
}
