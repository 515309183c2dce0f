import Features
import Kernels
import Tensor

/// The nearest neighbours of images among each other, by the cosine of their features.
///
/// Two checkpoints agree as far as they find the same neighbours. A network that learns changes them; one
/// that has stopped learning does not.
package struct NeighbourStability: Sendable, Equatable {
  /// For each image the numbers of its nearest others, the nearest first.
  package let neighbours: [[Int]]
  /// A hash of the images' names.
  private let identity: UInt64

  /// The neighbours that are compared: 10, as in mutual k-NN alignment (Huh et al. 2024).
  package static let count = 10
  /// The most images that are compared with each other.
  package static let images = 1000

  /// Finds the neighbours of the first features [images, width]. Throws if memory cannot be reserved.
  ///
  /// - Parameter names: of the images.
  package init(
    _ features: [Float], of names: [String], width: Int, kernels: any Kernels
  ) throws(MemoryError) {
    let images = min(features.count / width, Self.images)
    identity = names.prefix(images).reduce(0) {
      ($0 &* 0x100_0000_01b3) ^ HoldOut.hash($1, .sample)
    }
    let plan = ArenaPlan(for: kernels.device)
    let rows = plan.matrix(images, width)
    let norms = plan.buffer(images)
    try kernels.reserve(plan)
    kernels.upload(Array(features.prefix(images * width)), to: rows.buffer)
    kernels.l2Normalise(rows, eps: 1e-12, norms: norms, into: rows)
    let found = kernels.nearest(rows, in: rows, k: min(Self.count + 1, images)).rows
    // An image is its own nearest one, but for another that is equal.
    neighbours = found.enumerated().map { image, near in
      Array(near.filter { $0 != image }.prefix(Self.count))
    }
  }

  /// Reads what `bytes` gave; `nil` if it is none of that.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count >= 10, bytes.count % 2 == 0 else { return nil }
    identity = bytes[..<8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    var numbers = stride(from: 8, to: bytes.count, by: 2).map {
      Int(bytes[$0]) | Int(bytes[$0 + 1]) << 8
    }[...]
    guard let each = numbers.popFirst(), each > 0, numbers.count % each == 0 else { return nil }
    neighbours = stride(from: numbers.startIndex, to: numbers.endIndex, by: each).map {
      Array(numbers[$0..<$0 + each])
    }
  }

  /// The identity of the images, the number of neighbours of an image and all neighbours, as numbers of 16 bits.
  /// All images have as many.
  package var bytes: [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: identity >> (8 * UInt64($0))) }
      + ([neighbours.first?.count ?? 0] + neighbours.joined()).flatMap {
        [UInt8($0 & 255), UInt8($0 >> 8)]
      }
  }

  /// Returns the mean share of neighbours that both have; `nil` if they are not of the same images.
  package func agreement(with other: NeighbourStability) -> Double? {
    guard neighbours.count == other.neighbours.count, identity == other.identity,
      !neighbours.isEmpty
    else { return nil }
    let shares = zip(neighbours, other.neighbours).map { mine, others in
      mine.isEmpty
        ? 1 : Double(Set(mine).intersection(others).count) / Double(max(mine.count, others.count))
    }
    return shares.reduce(0, +) / Double(shares.count)
  }
}
