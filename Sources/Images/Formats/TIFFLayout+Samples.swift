#if canImport(CTIFF)
  extension TIFFLayout {
    var isRGB: Bool { if case .rgb = colours { true } else { false } }

    /// The least and the greatest number of the samples' type; `nil` for fractions.
    var depth: ClosedRange<Float>? {
      switch number {
      case nil: 0...Float(1 << bits - 1)
      case .signed16: Float(Int16.min)...Float(Int16.max)
      case .signed32: Float(Int32.min)...Float(Int32.max)
      case .signed64: Float(Int64.min)...Float(Int64.max)
      case .unsigned32: 0...Float(UInt32.max)
      case .unsigned64: 0...Float(UInt64.max)
      case .float16, .float32, .float64: nil
      }
    }

    /// Writes samples of a row as numbers, side by side.
    ///
    /// - Parameters:
    ///   - row: the bytes of the row, in the machine's order.
    ///   - first: the position of the first sample in the row; `step` is the distance to the next.
    ///   - count: how many there are.
    func read(
      _ row: UnsafeRawPointer, first: Int, step: Int, count: Int,
      into values: UnsafeMutablePointer<Float>
    ) {
      switch (number, bits) {
      case (let number?, _):
        for index in 0..<count { values[index] = Float(number.value(row, first + index * step)) }
      case (nil, 8):
        let bytes = row.assumingMemoryBound(to: UInt8.self) + first
        for index in 0..<count { values[index] = Float(bytes[index * step]) }
      case (nil, 16):
        for index in 0..<count {
          let value = (row + (first + index * step) * 2).loadUnaligned(as: UInt16.self)
          values[index] = Float(value)
        }
      case (nil, _):
        for index in 0..<count {
          values[index] = Float(TIFFSamples.number(row, (first + index * step) * bits, bits))
        }
      }
      if case .whiteIsZero = colours, let depth {
        let ends = depth.lowerBound + depth.upperBound
        for index in 0..<count { values[index] = ends - values[index] }
      }
    }
  }
#endif
