import Kernels

/// Vectors of fp32, one after the other in memory, all finite. Unit vectors are compared by cosine,
/// others by dot product.
package final class Vectors: @unchecked Sendable {
  package let rows: HostRows
  /// The length of the longest vector.
  package let largestLength: Float
  private let owned: UnsafeMutablePointer<Float>?

  /// The number of vectors, and of the elements of each.
  package var count: Int { rows.count }
  package var dimension: Int { rows.width }

  /// Vectors in the caller's memory, which has to outlive them and must not change. Reads all of
  /// it once. Throws if an element is not finite or the vectors are not whole.
  package init(
    borrowing memory: UnsafeBufferPointer<Float>, dimension: Int
  ) throws(NeighbourError) {
    let count = try Self.count(memory.count, dimension)
    let data = memory.baseAddress ?? Self.nothing
    let rows = HostRows(data, count: count, width: dimension)
    largestLength = try Self.largestLength(rows)
    self.rows = rows
    owned = nil
  }

  /// Vectors in memory of their own. Throws as the other initialiser does.
  package init(_ elements: [Float], dimension: Int) throws(NeighbourError) {
    let count = try Self.count(elements.count, dimension)
    let memory = UnsafeMutablePointer<Float>.allocate(capacity: max(1, elements.count))
    elements.withUnsafeBufferPointer { source in
      if let first = source.baseAddress { memory.initialize(from: first, count: source.count) }
    }
    owned = memory
    rows = HostRows(memory, count: count, width: dimension)
    do {
      largestLength = try Self.largestLength(rows)
    } catch {
      memory.deallocate()
      throw error
    }
  }

  deinit { owned?.deallocate() }

  /// Returns the address of a vector.
  @inline(__always)
  package func vector(_ index: Int) -> UnsafePointer<Float> {
    rows.data + index &* rows.width
  }

  /// Returns a copy of some of the vectors, in the order given.
  package func gathered(_ indices: [Int]) -> [Float] {
    var copy = [Float](repeating: 0, count: indices.count * dimension)
    copy.withUnsafeMutableBufferPointer { target in
      guard let first = target.baseAddress else { return }
      for (place, index) in indices.enumerated() {
        (first + place * dimension).update(from: vector(index), count: dimension)
      }
    }
    return copy
  }

  /// Returns the dot product of two of the vectors: their cosine, if they are unit vectors.
  package func score(_ a: Int, _ b: Int) -> Float { dot(dimension, vector(a), vector(b)) }

  private static func count(_ elements: Int, _ dimension: Int) throws(NeighbourError) -> Int {
    guard dimension > 0 && elements % dimension == 0 else {
      throw .notWhole(elements: elements, dimension: dimension)
    }
    let count = elements / dimension
    guard count < Int(UInt32.max) else { throw .tooFew(have: Int(UInt32.max) - 1, asked: count) }
    return count
  }

  private static func largestLength(_ rows: HostRows) throws(NeighbourError) -> Float {
    var largest: Float = 0
    for index in 0..<rows.count {
      let vector = rows.data + index * rows.width
      let square = dot(rows.width, vector, vector)
      // The square of the length of a finite vector is finite unless its elements are huge.
      guard square < 0x1p120 else { throw .notFinite(vector: index) }
      largest = max(largest, square)
    }
    return largest.squareRoot()
  }

  /// An address for no elements.
  private static var nothing: UnsafePointer<Float> {
    UnsafePointer(bitPattern: MemoryLayout<Float>.alignment)!
  }
}
