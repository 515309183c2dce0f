#if canImport(CTIFF)
  /// How the samples of a TIFF file are stored, and what they are with 8 bits.
  enum TIFFSamples {
    /// Whole numbers of 1 to 16 bits, and the level of each.
    case table(bits: Int, levels: [UInt8])
    /// Numbers without a greatest one, and the range that becomes the levels.
    case numbers(TIFFNumber, range: TIFFRange)

    /// Writes the levels of the samples of a row.
    ///
    /// - Parameters:
    ///   - row: the bytes of the row, in the machine's order.
    ///   - first: the position of the first sample in the row; `step` is the distance to the next.
    ///   - count: how many there are.
    ///   - levels: where the first level goes; `stride` is the distance to the next.
    func read(
      _ row: UnsafeRawPointer, first: Int, step: Int, count: Int,
      into levels: UnsafeMutablePointer<UInt8>, stride: Int
    ) {
      switch self {
      case .table(8, let table):
        let bytes = row.assumingMemoryBound(to: UInt8.self) + first
        table.withUnsafeBufferPointer { table in
          for index in 0..<count { levels[index * stride] = table[Int(bytes[index * step])] }
        }
      case .table(16, let table):
        table.withUnsafeBufferPointer { table in
          for index in 0..<count {
            let value = (row + (first + index * step) * 2).loadUnaligned(as: UInt16.self)
            levels[index * stride] = table[Int(value)]
          }
        }
      case .table(let bits, let table):
        for index in 0..<count {
          levels[index * stride] = table[Self.number(row, (first + index * step) * bits, bits)]
        }
      case .numbers(let number, let range):
        for index in 0..<count {
          levels[index * stride] = range.level(number.value(row, first + index * step))
        }
      }
    }

    /// Returns the whole number of `bits` bits that begins at a bit of a row.
    static func number(_ row: UnsafeRawPointer, _ first: Int, _ bits: Int) -> Int {
      var value = 0
      for bit in first..<first + bits {
        let byte = row.load(fromByteOffset: bit >> 3, as: UInt8.self)
        value = value << 1 | Int(byte >> (7 - bit & 7)) & 1
      }
      return value
    }
  }

  /// A number of more than 16 bits or with a sign or a fraction.
  enum TIFFNumber {
    case signed16, signed32, signed64
    case unsigned32, unsigned64
    case float16, float32, float64

    /// Returns the number that is `index` numbers behind the start of a row.
    func value(_ row: UnsafeRawPointer, _ index: Int) -> Double {
      func load<Value: BitwiseCopyable>(_ type: Value.Type) -> Value {
        (row + index * MemoryLayout<Value>.size).loadUnaligned(as: type)
      }
      return switch self {
      case .signed16: Double(load(Int16.self))
      case .signed32: Double(load(Int32.self))
      case .signed64: Double(load(Int64.self))
      case .unsigned32: Double(load(UInt32.self))
      case .unsigned64: Double(load(UInt64.self))
      case .float16: Double(half: load(UInt16.self))
      case .float32: Double(load(Float.self))
      case .float64: load(Double.self)
      }
    }

    var isFraction: Bool {
      switch self {
      case .float16, .float32, .float64: true
      default: false
      }
    }
  }

  extension Double {
    /// The number of 16 bits with these bits (IEEE 754, binary16).
    fileprivate init(half bits: UInt16) {
      let sign: Double = bits >> 15 == 0 ? 1 : -1
      let exponent = Int(bits >> 10) & 31
      let fraction = Double(bits & 1023)
      self =
        switch exponent {
        case 0: sign * fraction * 0x1p-24
        case 31: fraction == 0 ? sign * .infinity : .nan
        default: sign * Double(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
        }
    }
  }

  /// The range of numbers that becomes the levels from 0 to 255.
  struct TIFFRange {
    private(set) var low = Double.infinity
    private(set) var high = -Double.infinity
    /// Whether numbers may have a fraction, so that 1 may mean white.
    let isFraction: Bool

    init(isFraction: Bool) { self.isFraction = isFraction }

    /// Widens the range to a number, if that is finite.
    mutating func include(_ value: Double) {
      guard value.isFinite else { return }
      low = min(low, value)
      high = max(high, value)
    }

    /// Returns the level of a number: a fraction of white if all lie between 0 and 1, its whole
    /// part, as PIL has it, if all lie between 0 and 255, and else its place between the lowest and
    /// the highest. What is no number is black.
    func level(_ value: Double) -> UInt8 {
      guard !value.isNaN else { return 0 }
      let level =
        if low >= 0, high <= 1, isFraction {
          (value * 255).rounded()
        } else if low >= 0, high <= 255 {
          value
        } else {
          // Halves keep the difference of the largest numbers finite.
          ((value / 2 - low / 2) / (high / 2 - low / 2) * 255).rounded()
        }
      return level > 0 ? UInt8(min(level, 255)) : 0
    }
  }
#endif
