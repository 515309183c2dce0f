import Kernels
import KernelsCPU
import Neighbours
import Tensor

/// Calls `body` with a search on threads of its own.
func withSearch<Result>(
  _ precision: Precision = .fp32, threads: Int = 2,
  _ body: (NeighbourSearch) throws -> Result
) rethrows -> Result {
  let pool = WorkerPool(threads: threads)
  defer { pool.stop() }
  return try body(
    NeighbourSearch(kernels: CPUKernels(pool: pool, precision: precision), pool: pool))
}

/// Unit vectors in clusters of different sizes. Every 40th is a copy of an earlier one, and every
/// 97th is zero.
func clusteredVectors(_ count: Int, _ dimension: Int, seed: Int = 0) throws -> Vectors {
  var random = CounterRandom(seed: 11, use: .test, seed)
  let clusters = max(1, count / 20)
  let centers = (0..<clusters * dimension).map { _ in random.normal() }
  var elements: [Float] = []
  for index in 0..<count {
    let cluster = random.below(1 + random.below(clusters))
    var vector = (0..<dimension).map { i in
      centers[cluster * dimension + i] + 0.8 * random.normal()
    }
    let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    for i in vector.indices { vector[i] = index % 97 == 96 ? 0 : vector[i] / length }
    if index % 40 == 39 {
      let source = random.below(index)
      vector = Array(elements[source * dimension..<(source + 1) * dimension])
    }
    elements += vector
  }
  return try Vectors(elements, dimension: dimension)
}

/// Vectors of small multiples of 1/4, whose dot products are exact and often equal.
func coarseVectors(_ count: Int, _ dimension: Int, seed: Int = 0) throws -> Vectors {
  var random = CounterRandom(seed: 12, use: .test, seed)
  return try Vectors(
    (0..<count * dimension).map { _ in Float(random.below(5) - 2) / 4 }, dimension: dimension)
}

/// A neighbour and its score.
struct Neighbour: Equatable {
  let index: Int
  let score: Float

  /// The strongest first; of equally strong ones the smaller index.
  static func isBefore(_ one: Neighbour, _ other: Neighbour) -> Bool {
    one.score > other.score || (one.score == other.score && one.index < other.index)
  }
}

extension NeighbourLists {
  var all: [[Neighbour]] {
    (0..<count).map { vector in
      zip(indices(vector), scores(vector)).map { Neighbour(index: Int($0), score: $1) }
    }
  }
}

/// All others of the vectors above the threshold, the `k` strongest, by a plain loop.
func naiveGraph(_ vectors: Vectors, above threshold: Float, k: Int) -> [[Neighbour]] {
  (0..<vectors.count).map { i in
    let others = (0..<vectors.count).filter { $0 != i }.map {
      Neighbour(index: $0, score: vectors.score(i, $0))
    }
    let near = others.filter { $0.score > threshold }
    return Array(near.sorted(by: Neighbour.isBefore).prefix(k))
  }
}

/// The dot product in double precision.
func exactDot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Double {
  (0..<count).reduce(0) { $0 + Double(a[$1]) * Double(b[$1]) }
}
