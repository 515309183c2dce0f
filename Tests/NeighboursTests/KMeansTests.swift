import Kernels
import KernelsCPU
import Neighbours
import Tensor
import Testing

@Suite("k-means")
struct KMeansTests {
  static let kinds: [ClusterKind] = [.euclidean, .spherical]

  private func squaredDistance(_ vectors: Vectors, _ i: Int, _ centroids: Vectors, _ c: Int)
    -> Double
  {
    (0..<vectors.dimension).reduce(0) {
      let difference = Double(vectors.vector(i)[$1]) - Double(centroids.vector(c)[$1])
      return $0 + difference * difference
    }
  }

  @Test(
    "the potential never rises and is the sum of squared distances to the nearest centroids",
    arguments: kinds, Precision.allCases)
  func potential(_ kind: ClusterKind, _ precision: Precision) throws {
    for (count, dimension, clusters) in [(300, 10, 7), (1200, 33, 80), (40, 3, 40)] {
      let vectors = try clusteredVectors(count, dimension)
      let found = try withSearch(precision) {
        try KMeans(clusters: clusters, kind: kind, iterations: 30, seed: 4).run(vectors, by: $0)
      }
      #expect(zip(found.potentials, found.potentials.dropFirst()).allSatisfy { $0 >= $1 })
      #expect(found.potentials.count > 1 || count == clusters)
      var sum = 0.0
      for i in 0..<count {
        let distances = (0..<clusters).map { squaredDistance(vectors, i, found.centroids, $0) }
        // Spherical centroids may be zero, from which the formula for unit vectors is 1 off.
        let isZero = vectors.score(i, i) == 0
        sum += isZero && kind == .spherical ? 1 : distances.min()!
        #expect(isZero || distances[Int(found.labels[i])] <= distances.min()! + 1e-5)
      }
      #expect(abs(sum - found.potentials.last!) < 1e-4 * Double(count))
    }
  }

  @Test("at rest each centroid is the mean of its members", arguments: kinds)
  func means(_ kind: ClusterKind) throws {
    let vectors = try clusteredVectors(600, 12)
    let found = try withSearch {
      try KMeans(clusters: 9, kind: kind, iterations: 200, seed: 1).run(vectors, by: $0)
    }
    for cluster in 0..<9 {
      let members = found.labels.indices.filter { found.labels[$0] == cluster }
      #expect(!members.isEmpty)
      var mean = (0..<12).map { i in
        members.reduce(0.0) { $0 + Double(vectors.vector($1)[i]) } / Double(members.count)
      }
      if kind == .spherical {
        let length = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
        mean = mean.map { $0 / length }
      }
      for i in 0..<12 { #expect(abs(Double(found.centroids.vector(cluster)[i]) - mean[i]) < 1e-6) }
    }
  }

  @Test("the mean of many vectors is exact to the last bit of fp32")
  func precision() throws {
    var random = CounterRandom(seed: 13, use: .test)
    let vectors = try Vectors((0..<60_000).map { _ in 100 + random.normal() }, dimension: 2)
    let found = try withSearch {
      try KMeans(clusters: 1, kind: .euclidean, iterations: 1).run(vectors, by: $0)
    }
    for i in 0..<2 {
      let sum = (0..<30_000).reduce(0.0) { $0 + Double(vectors.vector($1)[i]) }
      #expect(found.centroids.vector(0)[i] == Float(sum / 30_000))
    }
  }

  @Test("centroids at rest stay where they are", arguments: kinds)
  func rest(_ kind: ClusterKind) throws {
    let vectors = try clusteredVectors(600, 12)
    let (first, again) = try withSearch { search in
      let means = KMeans(clusters: 9, kind: kind, iterations: 200, seed: 1)
      let first = try means.run(vectors, by: search)
      return (first, try means.run(vectors, by: search, from: first.centroids))
    }
    #expect(again.potentials == [first.potentials.last!] && again.labels == first.labels)
    let all = Array(0..<9)
    #expect(again.centroids.gathered(all) == first.centroids.gathered(all))
  }

  @Test("the same bits for 1, 2 and 3 threads", arguments: kinds)
  func threads(_ kind: ClusterKind) throws {
    let vectors = try clusteredVectors(2500, 20)
    let found = try (1...3).map { threads in
      try withSearch(threads: threads) {
        try KMeans(clusters: 50, kind: kind, iterations: 8, seed: 2).run(vectors, by: $0)
      }
    }
    for other in found.dropFirst() {
      #expect(other.labels == found[0].labels && other.potentials == found[0].potentials)
      #expect(other.centroids.gathered(Array(0..<50)) == found[0].centroids.gathered(Array(0..<50)))
    }
    let seeded = try withSearch {
      try KMeans(clusters: 50, kind: kind, iterations: 8, seed: 3).run(vectors, by: $0)
    }
    #expect(seeded.labels != found[0].labels)
  }

  /// The probability of each set of four that k-means++ draws from six points, by recursion.
  private func probabilities(_ vectors: Vectors) -> [Set<Int>: Double] {
    var all: [Set<Int>: Double] = [:]
    func follow(_ chosen: [Int], _ probability: Double) {
      guard chosen.count < 4 else { return all[Set(chosen), default: 0] += probability }
      let weights = (0..<6).map { i in
        chosen.isEmpty ? 1 : chosen.map { squaredDistance(vectors, i, vectors, $0) }.min()!
      }
      let total = weights.reduce(0, +)
      for i in 0..<6 where weights[i] > 0 {
        follow(chosen + [i], probability * weights[i] / total)
      }
    }
    follow([], 1)
    return all
  }

  @Test("the start draws each set of centroids as often as k-means++ does")
  func start() throws {
    let points: [Float] = [0, 0, 1, 0, 1.2, 0.3, 3, 1, 3, 1.5, 2, 2]
    let vectors = try Vectors(points, dimension: 2)
    let draws = 4000
    var counts: [Set<Int>: Double] = [:]
    try withSearch(threads: 1) { search in
      for seed in 0..<draws {
        let found = try KMeans(
          clusters: 4, kind: .euclidean, iterations: 0, seed: UInt64(seed)
        ).run(vectors, by: search)
        let chosen = (0..<4).map { cluster in
          (0..<6).first { squaredDistance(vectors, $0, found.centroids, cluster) == 0 }!
        }
        #expect(Set(chosen).count == 4)
        counts[Set(chosen), default: 0] += 1
      }
    }
    for (set, probability) in probabilities(vectors) {
      let deviation = (probability * (1 - probability) * Double(draws)).squareRoot()
      #expect(abs(counts[set, default: 0] - probability * Double(draws)) < 5 * deviation + 1)
    }
  }

  @Test("an empty cluster takes a part of the largest one", arguments: kinds)
  func empty(_ kind: ClusterKind) throws {
    let vectors = try clusteredVectors(300, 8)
    var far = [Float](repeating: 0, count: 8)
    far[0] = kind == .spherical ? 0 : 50
    let start = try Vectors(vectors.gathered([0, 1]) + far + far, dimension: 8)
    let found = try withSearch {
      try KMeans(clusters: 4, kind: kind, iterations: 30).run(vectors, by: $0, from: start)
    }
    #expect(Set(found.labels).count == 4)
    #expect(zip(found.potentials, found.potentials.dropFirst()).allSatisfy { $0 >= $1 })
  }

  @Test("equal vectors need no more clusters than one", arguments: kinds)
  func equal(_ kind: ClusterKind) throws {
    let vectors = try Vectors((0..<20).flatMap { _ in [Float(0.6), 0.8] }, dimension: 2)
    let found = try withSearch {
      try KMeans(clusters: 3, kind: kind, seed: 1).run(vectors, by: $0)
    }
    #expect(found.centroids.count == 3 && found.potentials.last! < 1e-5)
    #expect(Set(found.labels).count == 1)
  }

  @Test("labels for given centroids are those of the nearest")
  func labels() throws {
    let vectors = try clusteredVectors(500, 15)
    let centroids = try Vectors(vectors.gathered([3, 90, 200, 310]), dimension: 15)
    let labels = try withSearch {
      try KMeans.labels(vectors, centroids, kind: .euclidean, by: $0)
    }
    for i in 0..<500 {
      let distances = (0..<4).map { squaredDistance(vectors, i, centroids, $0) }
      #expect(distances[Int(labels[i])] <= distances.min()! + 1e-6)
    }
  }

  @Test("more clusters than vectors are refused, and a report may stop the work")
  func refused() throws {
    let vectors = try clusteredVectors(50, 5)
    withSearch { search in
      #expect(throws: NeighbourError.tooFew(have: 50, asked: 51)) {
        try KMeans(clusters: 51).run(vectors, by: search)
      }
      #expect(throws: NeighbourError.cancelled) {
        try KMeans(clusters: 9).run(vectors, by: search) { $0 < 0.3 }
      }
    }
  }

  @Test("progress rises to 1")
  func progress() throws {
    let vectors = try clusteredVectors(900, 5)
    var told: [Double] = []
    try withSearch { search in
      _ = try KMeans(clusters: 30, iterations: 5).run(vectors, by: search) {
        told.append($0)
        return true
      }
    }
    #expect(told == told.sorted() && told.last == 1 && told.count > 5)
  }
}
