import CVector
import Kernels

/// Finds large sums of a product while they are in cache.
struct PairScan {
  /// A limit for each row of the product.
  let limits: UnsafePointer<Float>
  /// If not `nil`, a row's limit is raised to its largest sum less this.
  let slack: Float?
  let found: (UnsafeBufferPointer<FoundPair>) -> Void

  /// The pairs that are handed over at a time.
  private static let batch = 512

  /// Finds the sums of [rows, columns] that are above their row's limit.
  func compute(_ rows: Range<Int>, _ columns: Range<Int>, _ sums: Sums) {
    withUnsafeTemporaryAllocation(of: FoundPair.self, capacity: Self.batch) { pairs in
      var count = 0
      for row in rows {
        let line = sums.data + (row - rows.lowerBound) * sums.stride
        var limit = limits[row]
        if let slack {
          let largest = maximum(columns.count, line)
          guard largest > limit else { continue }
          limit = max(limit, largest - slack)
        }
        scan(line, columns.count, above: limit) { column, score in
          if count == Self.batch {
            found(UnsafeBufferPointer(pairs))
            count = 0
          }
          let place = UInt32(truncatingIfNeeded: columns.lowerBound &+ column)
          pairs[count] = FoundPair(
            row: UInt32(truncatingIfNeeded: row), column: place, score: score)
          count &+= 1
        }
      }
      if count > 0 { found(UnsafeBufferPointer(rebasing: pairs[..<count])) }
    }
  }

  @inline(__always)
  private func scan(
    _ line: Pointer, _ count: Int, above limit: Float,
    _ body: (_ column: Int, _ score: Float) -> Void
  ) {
    let limits = Vector(repeating: limit)
    forEachVector(count) { i, lanes in
      var above = dino_lanes_above(load(line + i, lanes, fill: -.infinity), limits)
      while above != 0 {
        let lane = above.trailingZeroBitCount
        body(i &+ lane, line[i &+ lane])
        above &= above &- 1
      }
    }
  }
}
