import Kernels
import Tensor

/// The nearest centroid of each vector.
///
/// The score of a centroid is x · c − |c|²/2, whose largest value has the smallest distance:
/// |x − c|² = |x|² − 2 · score. Spherical centroids have length 1, so their score is x · c alone.
final class Assignment: @unchecked Sendable {
  let vectors: Vectors
  let kind: ClusterKind
  let search: NeighbourSearch
  private let best: GrowingLists
  /// The squared length of each vector.
  private let squares: [Float]

  init(_ vectors: Vectors, _ kind: ClusterKind, _ search: NeighbourSearch) {
    self.vectors = vectors
    self.kind = kind
    self.search = search
    best = GrowingLists(count: vectors.count, capacity: 1, above: -.infinity)
    squares = search.pool.values(vectors.count, 0) { vectors.score($0, $0) }
  }

  /// Finds the nearest of the centroids for each vector. Those assigned before count too if
  /// `first`, the number of the first centroid, is not 0.
  func assign(
    to centroids: Vectors, first: Int = 0, _ progress: ProgressSpan
  ) throws(NeighbourError) {
    try search(centroids, first, progress) { part in
      if first == 0 {
        search.pool.forEach(vectors.count) { best.set($0, 0, score($0, 0, of: part)) }
      }
    }
  }

  /// Finds the nearest of centroids that have moved. Most vectors stay with theirs, so its new
  /// score spares most comparisons.
  func reassign(
    _ labels: [UInt32], to centroids: Vectors, _ progress: ProgressSpan
  ) throws(NeighbourError) {
    try search(centroids, 0, progress) { part in
      search.pool.forEach(vectors.count) { i in
        best.set(i, labels[i], score(i, Int(labels[i]), of: part))
      }
    }
  }

  /// Searches the centroids after `prepare` has set what is known already.
  private func search(
    _ centroids: Vectors, _ first: Int, _ progress: ProgressSpan,
    prepare: (SearchedPart) -> Void
  ) throws(NeighbourError) {
    var part = SearchedPart(vectors: centroids)
    part.firstIndex = first
    guard kind == .euclidean else {
      prepare(part)
      return try search.search(vectors, in: part, into: best, progress)
    }
    let halves = (0..<centroids.count).map { -centroids.score($0, $0) / 2 }
    part.largestBias = halves.map(abs).max() ?? 0
    try halves.withUnsafeBufferPointer { halves throws(NeighbourError) in
      part.bias = halves.baseAddress
      prepare(part)
      try search.search(vectors, in: part, into: best, progress)
    }
  }

  private func score(_ vector: Int, _ centroid: Int, of part: SearchedPart) -> Float {
    let dimension = vectors.dimension
    let product = dot(
      dimension, vectors.vector(vector), part.rows.data + centroid * dimension)
    return product + (part.bias.map { $0[centroid] } ?? 0)
  }

  /// Returns the number of each vector's nearest centroid.
  func labels() -> [UInt32] { (0..<vectors.count).map { best.best($0)!.index } }

  /// Returns the squared distance of a vector to its nearest centroid.
  @inline(__always)
  func squaredDistance(_ vector: Int) -> Double {
    let score = 2 * Double(best.best(vector)!.score)
    return max(0, Double(squares[vector]) - score + (kind == .spherical ? 1 : 0))
  }

  /// Returns the squared distance of two of the vectors, the second taken as a centroid.
  func squaredDistance(_ vector: Int, toVector other: Int) -> Double {
    let product = Double(vectors.score(vector, other))
    let (square, length) = (Double(squares[vector]), Double(squares[other]))
    if kind == .euclidean { return max(0, square + length - 2 * product) }
    return max(0, square + 1 - 2 * product / max(length.squareRoot(), 1e-30))
  }

  /// Returns the sum of all squared distances.
  func potential() -> Double {
    let step = 4096
    let parts = search.pool.values((vectors.count + step - 1) / step, 0.0) { part in
      let range = part * step..<min(self.vectors.count, (part + 1) * step)
      return range.reduce(0.0) { $0 + self.squaredDistance($1) }
    }
    return parts.reduce(0, +)
  }
}

extension WorkerPool {
  /// Calls `body` for each index on the pool's threads.
  func forEach(_ count: Int, grain: Int = 1024, _ body: (Int) -> Void) {
    run(chunks: (count + grain - 1) / grain) { chunk, _ in
      for index in chunk * grain..<min(count, (chunk + 1) * grain) { body(index) }
    }
  }

  /// Returns body(i) for each index, computed on the pool's threads.
  func values<T>(_ count: Int, _ empty: T, _ body: (Int) -> T) -> [T] {
    var values = [T](repeating: empty, count: count)
    values.withUnsafeMutableBufferPointer { values in
      let target = values
      forEach(count, grain: max(1, min(1024, count / 64))) { target[$0] = body($0) }
    }
    return values
  }
}
