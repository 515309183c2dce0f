import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// The neighbours of each vector, the strongest first; of equally strong ones the smaller index
/// first.
package final class NeighbourLists: @unchecked Sendable {
  /// The number of vectors that have a list.
  package let count: Int
  /// The most neighbours that a list may have.
  package let capacity: Int
  private let starts: [Int]
  private let indices: UnsafeMutablePointer<UInt32>
  private let scores: UnsafeMutablePointer<Float>

  /// Takes over memory from `malloc`: list i is at starts[i] ..< starts[i + 1].
  fileprivate init(
    capacity: Int, starts: [Int], indices: UnsafeMutablePointer<UInt32>,
    scores: UnsafeMutablePointer<Float>
  ) {
    count = starts.count - 1
    self.capacity = capacity
    self.starts = starts
    self.indices = indices
    self.scores = scores
  }

  deinit {
    free(indices)
    free(scores)
  }

  /// The number of neighbours in all lists.
  package var total: Int { starts[count] }

  /// Returns the neighbours of a vector, by their index. Valid as long as the lists are.
  package func indices(_ vector: Int) -> UnsafeBufferPointer<UInt32> {
    UnsafeBufferPointer(
      start: indices + starts[vector], count: starts[vector + 1] - starts[vector])
  }

  /// Returns the scores of a vector's neighbours. Valid as long as the lists are.
  package func scores(_ vector: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(
      start: scores + starts[vector], count: starts[vector + 1] - starts[vector])
  }

  /// Returns each pair of neighbours once, also those that are in the list of one of the two alone.
  package var pairs: [(first: Int, second: Int, score: Float)] {
    var pairs: [(first: Int, second: Int, score: Float)] = []
    for first in 0..<count {
      for (second, score) in zip(indices(first), scores(first)) {
        let isInBoth = indices(Int(second)).contains(UInt32(first))
        if isInBoth && second < first { continue }
        pairs.append((first, Int(second), score))
      }
    }
    return pairs
  }

  /// Whether a vector has as many neighbours as a list may have, so that there may be more.
  package func isFull(_ vector: Int) -> Bool {
    starts[vector + 1] - starts[vector] == capacity
  }
}

/// Lists of neighbours while they are found. Several threads may insert at once: what the lists
/// hold in the end does not depend on the order.
final class GrowingLists: @unchecked Sendable {
  let count: Int
  let capacity: Int
  /// Only scores above it are kept.
  let threshold: Float
  private let sizes: UnsafeMutablePointer<UInt32>
  private var indices: UnsafeMutablePointer<UInt32>!
  private var scores: UnsafeMutablePointer<Float>!
  private let locks: UnsafeMutablePointer<Atomic<Bool>>
  private static let stripes = 1024

  /// Empty lists. Memory that is not written to is not taken.
  init(count: Int, capacity: Int, above threshold: Float) {
    precondition(capacity > 0)
    self.count = count
    self.capacity = capacity
    self.threshold = threshold
    sizes = Self.reserve(count)
    indices = Self.reserve(count * capacity)
    scores = Self.reserve(count * capacity)
    locks = .allocate(capacity: Self.stripes)
    for stripe in 0..<Self.stripes { (locks + stripe).initialize(to: Atomic(false)) }
  }

  deinit {
    free(sizes)
    free(indices)
    free(scores)
    locks.deinitialize(count: Self.stripes)
    locks.deallocate()
  }

  private static func reserve<T>(_ count: Int) -> UnsafeMutablePointer<T> {
    guard let memory = calloc(max(1, count), MemoryLayout<T>.stride) else {
      fatalError("no memory for \(count) neighbours")
    }
    return memory.bindMemory(to: T.self, capacity: max(1, count))
  }

  /// Returns the score that a neighbour must reach to enter the list. Nothing may be inserted
  /// meanwhile.
  @inline(__always)
  func limit(_ vector: Int) -> Float {
    Int(sizes[vector]) == capacity ? scores[vector &* capacity &+ capacity &- 1] : threshold
  }

  /// Writes the limits of some vectors, less the margin, and returns the lowest. Nothing may be
  /// inserted meanwhile.
  func limits(
    _ vectors: Range<Int>, less margin: Float, into target: UnsafeMutablePointer<Float>
  ) -> Float {
    var lowest = Float.infinity
    for place in 0..<vectors.count {
      let limit = limit(vectors.lowerBound &+ place) - margin
      target[place] = limit
      lowest = limit < lowest ? limit : lowest
    }
    return lowest
  }

  /// Puts a neighbour into a vector's list, unless its score is too low or it is there already.
  @inline(__always)
  func insert(_ vector: Int, _ index: UInt32, _ score: Float) {
    guard score > threshold else { return }
    let lock = locks + vector & (Self.stripes - 1)
    var rounds = 0
    while lock.pointee.exchange(true, ordering: .acquiring) {
      rounds += 1
      if rounds & 255 == 0 { sched_yield() }
    }
    place(vector, index, score)
    lock.pointee.store(false, ordering: .releasing)
  }

  private func place(_ vector: Int, _ index: UInt32, _ score: Float) {
    let (first, scores) = (indices + vector &* capacity, scores + vector &* capacity)
    let size = Int(sizes[vector])
    var place = size
    while place > 0 {
      let other = scores[place &- 1]
      guard other < score || (other == score && first[place &- 1] > index) else { break }
      place &-= 1
    }
    guard place < capacity else { return }
    if place > 0 && first[place &- 1] == index && scores[place &- 1] == score { return }
    let moved = min(size, capacity &- 1) &- place
    if moved > 0 {
      memmove(first + place + 1, first + place, moved &* 4)
      memmove(scores + place + 1, scores + place, moved &* 4)
    }
    first[place] = index
    scores[place] = score
    sizes[vector] = UInt32(min(capacity, size &+ 1))
  }

  /// The strongest neighbour of a vector; nothing if it has none. Nothing may be inserted
  /// meanwhile.
  @inline(__always)
  func best(_ vector: Int) -> (index: UInt32, score: Float)? {
    sizes[vector] == 0 ? nil : (indices[vector &* capacity], scores[vector &* capacity])
  }

  /// Makes one neighbour the only one of a vector. One thread for each vector.
  @inline(__always)
  func set(_ vector: Int, _ index: UInt32, _ score: Float) {
    sizes[vector] = 1
    indices[vector &* capacity] = index
    scores[vector &* capacity] = score
  }

  /// Returns the lists without their gaps, in the same memory; these are empty afterwards.
  func finished() -> NeighbourLists {
    var starts = [Int](repeating: 0, count: count + 1)
    for vector in 0..<count {
      let (size, start) = (Int(sizes[vector]), starts[vector])
      memmove(indices + start, indices + vector * capacity, size * 4)
      memmove(scores + start, scores + vector * capacity, size * 4)
      starts[vector + 1] = start + size
    }
    let bytes = max(4, starts[count] * 4)
    let kept = (realloc(indices, bytes)!, realloc(scores, bytes)!)
    (indices, scores) = (Self.reserve(0), Self.reserve(0))
    memset(sizes, 0, count * 4)
    return NeighbourLists(
      capacity: capacity, starts: starts,
      indices: kept.0.bindMemory(to: UInt32.self, capacity: max(1, starts[count])),
      scores: kept.1.bindMemory(to: Float.self, capacity: max(1, starts[count])))
  }
}
