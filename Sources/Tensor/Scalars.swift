/// Double-precision numbers in a backend's memory, each of two elements.
///
/// Kernels write here what the host needs: sums, norms and statistics. The host reads them all with one
/// call, so that it waits for the backend only once.
package struct Scalars: Sendable, Equatable {
  package let buffer: Buffer
  package var count: Int { buffer.count / 2 }

  /// Scalars over a buffer.
  ///
  /// - Parameter buffer: has two elements for each number and begins at an even offset.
  package init(_ buffer: Buffer) {
    precondition(buffer.offset % 2 == 0 && buffer.count % 2 == 0)
    self.buffer = buffer
  }

  /// One of the numbers.
  package subscript(index: Int) -> Scalar {
    precondition((0..<count).contains(index))
    return Scalar(offset: buffer.offset + 2 * index)
  }

  /// A range of the numbers.
  package subscript(range: Range<Int>) -> Scalars {
    Scalars(buffer[2 * range.lowerBound..<2 * range.upperBound])
  }
}

/// A double-precision number in a backend's memory.
package struct Scalar: Sendable, Equatable {
  /// Its first element, counted from the arena's start.
  package let offset: Int

  fileprivate init(offset: Int) { self.offset = offset }
}

/// The values of scalars on the host, after `MemoryKernels.read`.
///
/// The array is allocated once and reused by every read.
package struct ScalarValues: Sendable {
  /// The scalars whose values these are.
  package let scalars: Scalars
  /// The value of each scalar, in their order; zero before the first read.
  package var values: [Double]

  package init(of scalars: Scalars) {
    self.scalars = scalars
    values = Array(repeating: 0, count: scalars.count)
  }

  /// The value of one of the scalars.
  package subscript(scalar: Scalar) -> Double {
    values[(scalar.offset - scalars.buffer.offset) / 2]
  }
}
