/// Double-precision numbers in a backend's memory, of two elements each.
///
/// Kernels leave here what the host is to know: sums, norms, statistics. The host reads a whole run of
/// them at once, so that it waits for the backend once.
package struct Scalars: Sendable, Equatable {
  package let buffer: Buffer
  package var count: Int { buffer.count / 2 }

  /// - Parameter buffer: two elements a number, beginning at a multiple of two.
  package init(_ buffer: Buffer) {
    precondition(buffer.offset % 2 == 0 && buffer.count % 2 == 0)
    self.buffer = buffer
  }

  /// One of them.
  package subscript(index: Int) -> Scalar {
    precondition((0..<count).contains(index))
    return Scalar(offset: buffer.offset + 2 * index)
  }

  /// Some of them.
  package subscript(range: Range<Int>) -> Scalars {
    Scalars(buffer[2 * range.lowerBound..<2 * range.upperBound])
  }
}

/// A double-precision number in a backend's memory.
package struct Scalar: Sendable, Equatable {
  /// Where it begins, in elements from the arena's start.
  package let offset: Int

  fileprivate init(offset: Int) { self.offset = offset }

  /// The same as a run of one.
  package var scalars: Scalars { Scalars(Buffer(offset: offset, count: 2)) }
}

/// What the host has read of a run of scalars: each number under the place that it was read from.
///
/// The values keep their memory from one reading to the next.
package struct ScalarValues: Sendable {
  package let scalars: Scalars
  /// One a scalar, for `MemoryKernels.read`.
  package var values: [Double]

  package init(of scalars: Scalars) {
    self.scalars = scalars
    values = Array(repeating: 0, count: scalars.count)
  }

  /// The number that was read from a place of the run.
  package subscript(scalar: Scalar) -> Double {
    values[(scalar.offset - scalars.buffer.offset) / 2]
  }
}
