/// The two passes of a resize in PIL's order: along rows, then along columns, with an image of 8
/// bits between them.
///
/// The rows of images are packed; those between the passes are padded, so that vectors may extend
/// beyond their end.
enum ResizePass {
  /// Fractional bits of a weight.
  private static let places = Int32.weightPlaces
  private static let half = Int32(1) << (places - 1)

  /// The length of a row in bytes, padded so that a vector may start at its last byte.
  static func padded(_ rowLength: Int) -> Int { (rowLength + 2 * 16 - 1) / 16 * 16 }

  /// Resizes `rows` rows of `width` pixels horizontally.
  static func across(
    from: UnsafeRawPointer, stride fromStride: Int, width: Int,
    to: UnsafeMutableRawPointer, stride toStride: Int, rows: Int, weights: ResizeWeights<Int32>
  ) {
    withUnsafeTemporaryAllocation(of: SIMD4<Int32>.self, capacity: width) { row in
      weights.withRuns { runs in
        for y in 0..<rows {
          widen(from + y * fromStride, into: row)
          var target = to + y * toStride
          for run in runs {
            let pixels = row.baseAddress! + run.start
            var sum = SIMD4<Int32>(repeating: half)
            for tap in 0..<run.count { sum &+= pixels[tap] &* run.weights[tap] }
            // The fourth byte is overwritten by the next pixel, or falls in the padding.
            target.storeBytes(
              of: SIMD4(truncatingIfNeeded: level(sum)), as: SIMD4<UInt8>.self)
            target += 3
          }
        }
      }
    }
  }

  /// Converts the pixels of a row to vectors, since each is used several times.
  private static func widen(
    _ bytes: UnsafeRawPointer, into row: UnsafeMutableBufferPointer<SIMD4<Int32>>
  ) {
    let bytes = bytes.assumingMemoryBound(to: UInt8.self)
    for x in row.indices {
      row[x] = SIMD4(
        Int32(bytes[x * 3]), Int32(bytes[x * 3 + 1]), Int32(bytes[x * 3 + 2]), 0)
    }
  }

  /// Resizes all columns vertically, sixteen bytes of a row at a time.
  static func down(
    from: UnsafeRawPointer, stride: Int,
    to: UnsafeMutableRawPointer, rowLength: Int, weights: ResizeWeights<Int32>
  ) {
    withUnsafeTemporaryAllocation(byteCount: stride, alignment: 64) { row in
      weights.withRuns { runs in
        for (y, run) in runs.enumerated() {
          let first = from + run.start * stride
          for x in Swift.stride(from: 0, to: rowLength, by: 16) {
            var sum = SIMD16<Int32>(repeating: half)
            for tap in 0..<run.count {
              let bytes = (first + tap * stride + x).loadUnaligned(as: SIMD16<UInt8>.self)
              sum &+= SIMD16<Int32>(truncatingIfNeeded: bytes) &* run.weights[tap]
            }
            row.baseAddress!.storeBytes(
              of: SIMD16(truncatingIfNeeded: level(sum)), toByteOffset: x, as: SIMD16<UInt8>.self)
          }
          (to + y * rowLength).copyMemory(from: row.baseAddress!, byteCount: rowLength)
        }
      }
    }
  }

  /// Rounds a sum of weighted pixels and clamps it to 0 … 255.
  @inline(__always)
  private static func level<Vector: SIMD>(_ sum: Vector) -> Vector where Vector.Scalar == Int32 {
    (sum &>> Vector(repeating: places))
      .clamped(lowerBound: Vector(repeating: 0), upperBound: Vector(repeating: 255))
  }
}
