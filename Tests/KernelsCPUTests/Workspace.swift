import Kernels
import KernelsCPU
import Tensor
import Testing

/// A backend with some memory, and the means to fill it.
final class Workspace {
  let kernels: CPUKernels
  let plan = ArenaPlan(alignment: 16)
  private let pool: WorkerPool
  private var random: CounterRandom
  private let capacity: Int

  init(
    threads: Int = 2, seed: UInt64 = 7, precision: Precision = .fp32, capacity: Int = 1 << 23,
    collectives: any Collectives = SingleProcess()
  ) {
    self.capacity = capacity
    pool = WorkerPool(threads: threads)
    kernels = CPUKernels(pool: pool, precision: precision, collectives: collectives)
    random = CounterRandom(seed: seed, use: .test)
    let all = ArenaPlan(alignment: 16)
    _ = all.buffer(capacity)
    do { try kernels.reserve(all) } catch { fatalError("\(error)") }
  }

  deinit { pool.stop() }

  func buffer(_ values: [Float]) -> Buffer {
    let buffer = plan.buffer(values.count)
    precondition(plan.used <= capacity)
    kernels.upload(values, to: buffer)
    return buffer
  }

  func buffer(_ count: Int, filled value: Float) -> Buffer {
    buffer([Float](repeating: value, count: count))
  }

  /// Normal numbers.
  func random(_ count: Int, scale: Float = 1, around mean: Float = 0) -> Buffer {
    buffer((0..<count).map { _ in mean + scale * random.normal() })
  }

  func random(_ rows: Int, _ columns: Int, scale: Float = 1) -> Matrix {
    random(rows * columns, scale: scale).matrix(rows, columns)
  }

  /// A matrix whose content must be written over: reading it spoils the result.
  func unset(_ rows: Int, _ columns: Int) -> Matrix {
    buffer(rows * columns, filled: .nan).matrix(rows, columns)
  }

  func indices(_ values: [Int32]) -> Indices {
    let indices = plan.indices(values.count)
    kernels.upload(values, to: indices)
    return indices
  }

  /// Some of 0 ..< count in random order.
  func subset(_ size: Int, of count: Int) -> [Int32] {
    random.subset(size, of: count).map(Int32.init)
  }

  func values(_ buffer: Buffer) -> [Float] { kernels.download(buffer) }
  func values(_ matrix: Matrix) -> [Float] { kernels.download(matrix.buffer) }
  func doubles(_ matrix: Matrix) -> [Double] { values(matrix).map(Double.init) }
  func doubles(_ buffer: Buffer) -> [Double] { values(buffer).map(Double.init) }

  /// The number that `body` leaves at a place that was zero.
  func scalar(_ body: (Scalar) -> Void) -> Double {
    var values = ScalarValues(of: plan.scalars(1))
    kernels.fill(values.scalars.buffer, with: 0)
    body(values.scalars[0])
    kernels.read(into: &values)
    return values[values.scalars[0]]
  }

  /// The same matrix of bfloat16, an even number of columns.
  func rounded(_ matrix: Matrix) -> Matrix {
    let bits = values(matrix).map { value in
      value.isNaN ? UInt32(0x7fc0) : Float(nearestBFloat16(value)).bitPattern >> 16
    }
    let slots = stride(from: 0, to: bits.count, by: 2).map {
      Float(bitPattern: bits[$0] | bits[$0 + 1] << 16)
    }
    return buffer(slots).matrix(matrix.rows, matrix.columns, .bf16)
  }

  /// The elements of a matrix of bfloat16.
  func halves(_ matrix: Matrix) -> [Float] {
    values(matrix.buffer).flatMap {
      [Float(bitPattern: $0.bitPattern << 16), Float(bitPattern: $0.bitPattern & 0xffff_0000)]
    }
  }

  /// Σ weights · values in double precision: a scalar that every output has a part in.
  func projection(_ output: Matrix, on weights: Matrix) -> Double {
    zip(doubles(output), doubles(weights)).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// Central differences of `loss` by the elements of `input`.
  func differences(_ input: Buffer, step: Float = 1e-2, loss: () -> Double) -> [Double] {
    let original = values(input)
    var changed = original
    let result = original.indices.map { i -> Double in
      changed[i] = original[i] + step
      kernels.upload(changed, to: input)
      let (above, high) = (loss(), changed[i])
      changed[i] = original[i] - step
      kernels.upload(changed, to: input)
      let (below, low) = (loss(), changed[i])
      changed[i] = original[i]
      return (above - below) / (Double(high) - Double(low))
    }
    kernels.upload(original, to: input)
    return result
  }
}

/// ‖a − b‖ / ‖b‖, infinite where a is not a number.
func relativeError(_ a: [Double], _ b: [Double]) -> Double {
  precondition(a.count == b.count)
  let difference = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  let size = b.reduce(0) { $0 + $1 * $1 }
  let error = (difference / max(size, 1e-30)).squareRoot()
  return error.isNaN ? .infinity : error
}

func relativeError(_ a: [Float], _ b: [Double]) -> Double {
  relativeError(a.map(Double.init), b)
}

/// a [m, k] · b [k, n] in double precision, either of them stored transposed where said.
func naiveProduct(
  _ a: [Double], _ b: [Double], m: Int, n: Int, k: Int, turnA: Bool = false, turnB: Bool = false
) -> [Double] {
  var c = [Double](repeating: 0, count: m * n)
  for i in 0..<m {
    for l in 0..<k {
      let left = a[turnA ? l * m + i : i * k + l]
      for j in 0..<n { c[i * n + j] += left * b[turnB ? j * k + l : l * n + j] }
    }
  }
  return c
}
