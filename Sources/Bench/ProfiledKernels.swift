import Kernels
import Support
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

/// A backend that times each call of another, and meanwhile measures again and again what the machine can do.
///
/// A neighbour on the same processor changes that from one moment to the next, so a kernel's share of a peak is
/// that of the peaks measured next to it. What the measurements take is no kernel's time.
package final class ProfiledKernels: Kernels {
  /// The calls of a kernel at one size.
  package struct Line: Sendable, Equatable {
    package let name: String
    package fileprivate(set) var calls = 0
    package fileprivate(set) var seconds = 0.0
    /// The floating-point operations of its matrix products.
    package fileprivate(set) var flops = 0.0
    /// The bytes of its arguments, each read or written once.
    package fileprivate(set) var bytes = 0.0
    /// The operations and bytes that the peaks would have allowed in its time.
    package fileprivate(set) var possibleFlops = 0.0
    package fileprivate(set) var possibleBytes = 0.0

    /// The share of the products' peak.
    package var peakShare: Double { flops / max(possibleFlops, 1) }
    /// The share of the rate at which memory is copied. More than 1 if arguments stay in caches.
    package var copyShare: Double { bytes / max(possibleBytes, 1) }
    /// Whether products would take longer at their peak than its arguments at the copy rate.
    package var isBoundByProducts: Bool { peakShare >= copyShare }
  }

  let base: any Kernels
  private let machine: MachineRates
  private var places: [String: Int] = [:]
  private var found: [Line] = []
  private var rates = (peak: 0.0, copy: 0.0)
  private var measuredAt = -Double.infinity
  /// The seconds that measurements of the peaks have taken.
  package private(set) var overhead = 0.0

  /// The seconds after which the peaks are measured again.
  private static let interval = 0.02

  /// Memory that is copied, a part of it at a time, so that none is in a cache any more.
  private let copied: CopiedMemory

  /// - Parameter machine: measures what the backend's machine can do.
  package init(_ base: any Kernels, _ machine: MachineRates) {
    self.base = base
    self.machine = machine
    copied = CopiedMemory()
  }

  /// What was timed since the beginning or the last `reset`, the longest first.
  package var lines: [Line] { found.sorted { $0.seconds > $1.seconds } }

  /// Forgets what was timed.
  package func reset() { (places, found, overhead) = ([:], [], 0) }

  /// Times a call.
  ///
  /// - Parameters:
  ///   - weight: a matrix whose size tells calls of one kernel apart.
  ///   - touched: the bytes of its arguments.
  func profile(
    _ name: String, of weight: Matrix? = nil, _ touched: [Int?], _ call: () -> Void
  ) {
    measureIfDue()
    let before = rates
    let (flops, began) = (base.floatingPointOperations, Clock.monotonic())
    call()
    let seconds = Clock.monotonic() - began
    // What lasts long is judged by the peaks before and after it.
    if seconds > Self.interval { measureIfDue() }
    let key = name + (weight.map { " \($0.columns) → \($0.rows)" } ?? "")
    let place = places[key] ?? found.count
    if place == found.count {
      places[key] = place
      found.append(Line(name: key))
    }
    found[place].calls += 1
    found[place].seconds += seconds
    found[place].flops += base.floatingPointOperations - flops
    found[place].bytes += Double(touched.reduce(0) { $0 + ($1 ?? 0) })
    found[place].possibleFlops += seconds * max(before.peak, rates.peak)
    found[place].possibleBytes += seconds * max(before.copy, rates.copy)
  }

  private func measureIfDue() {
    let began = Clock.monotonic()
    guard began - measuredAt > Self.interval else { return }
    rates = (machine.productPeak(), copied.rate(by: machine))
    measuredAt = Clock.monotonic()
    overhead += measuredAt - began
  }

  package var device: any Device { base.device }
  package var collectives: any Collectives { base.collectives }
  package var floatingPointOperations: Double { base.floatingPointOperations }

  package func reserve(_ plan: ArenaPlan, for work: [KernelWork]) throws(MemoryError) {
    try base.reserve(plan, for: work)
  }

  package func upload(_ values: UnsafeBufferPointer<Float>, to buffer: Buffer) {
    profile("upload", [buffer.touched]) { base.upload(values, to: buffer) }
  }

  package func upload(_ values: UnsafeBufferPointer<Int32>, to indices: Indices) {
    profile("upload", [indices.touched]) { base.upload(values, to: indices) }
  }

  package func download(_ buffer: Buffer, to values: UnsafeMutableBufferPointer<Float>) {
    profile("download", [buffer.touched]) { base.download(buffer, to: values) }
  }

  package func read(_ scalars: Scalars, to values: UnsafeMutableBufferPointer<Double>) {
    base.read(scalars, to: values)
  }
}

/// How what a machine can do is measured, each within milliseconds.
package struct MachineRates {
  /// Returns the floating-point operations a second of products whose factors stay in the first caches.
  let productPeak: () -> Double
  /// Copies bytes from the first place to the second; returns the bytes a second, read and written.
  let copyRate: (UnsafeMutableRawPointer, UnsafeMutableRawPointer, Int) -> Double

  package init(
    productPeak: @escaping () -> Double,
    copyRate: @escaping (UnsafeMutableRawPointer, UnsafeMutableRawPointer, Int) -> Double
  ) {
    (self.productPeak, self.copyRate) = (productPeak, copyRate)
  }
}

/// Calls that are no part of a step in one process, or answer at once.
extension ProfiledKernels {
  package func allReduceSum(_ x: Buffer, as element: Element) { base.allReduceSum(x, as: element) }
  package func allReduceSum(_ x: Scalars) { base.allReduceSum(x) }
  package func broadcast(_ x: Buffer) { base.broadcast(x) }
  package func add(_ source: Scalars, to target: Scalars) { base.add(source, to: target) }
  package func finish(_ ticket: CollectiveTicket) { base.finish(ticket) }

  package func startReduce(
    _ x: Buffer, stride: Int, into sums: Buffer, isAdded: Bool, as element: Element
  ) -> CollectiveTicket {
    var ticket = CollectiveTicket()
    profile("startReduce", [x.touched, sums.touched]) {
      ticket = base.startReduce(x, stride: stride, into: sums, isAdded: isAdded, as: element)
    }
    return ticket
  }

  package func startGather(
    _ x: Buffer, stride: Int, as element: Element, after earlier: CollectiveTicket
  ) -> CollectiveTicket {
    base.startGather(x, stride: stride, as: element, after: earlier)
  }

  package func nearest(
    _ queries: Matrix, in bank: Matrix, k: Int
  ) -> (rows: [[Int]], similarities: [[Float]]) { base.nearest(queries, in: bank, k: k) }

  package func spectrum(_ x: Matrix, isCentred: Bool) -> [Double] {
    base.spectrum(x, isCentred: isCentred)
  }

  package func discriminantSpectrum(_ x: Matrix, each: Int, ridge: Double) -> [Double] {
    base.discriminantSpectrum(x, each: each, ridge: ridge)
  }

  package func principalComponents(_ x: Matrix, count: Int) -> PrincipalComponents {
    base.principalComponents(x, count: count)
  }
}

/// Two stretches of memory, larger than caches, by which the rate of copying is measured.
private final class CopiedMemory {
  private let half = 96 << 20
  private let part = 8 << 20
  private var place = 0
  private let memory: UnsafeMutableRawPointer

  init() {
    memory = .allocate(byteCount: 2 * half, alignment: 4096)
    memset(memory, 1, 2 * half)
  }

  deinit { memory.deallocate() }

  /// Returns the rate in bytes a second at which the next part is copied.
  func rate(by machine: MachineRates) -> Double {
    defer { place = (place + part) % half }
    return machine.copyRate(memory + place, memory + half + place, part)
  }
}

extension Buffer {
  /// Its bytes.
  var touched: Int { 4 * count }
}

extension Matrix {
  /// Its bytes.
  var touched: Int { 4 * buffer.count }

  /// The bytes of some of its rows; of all if `rows` is nil.
  func touched(_ rows: Indices?) -> Int {
    rows.map { 4 * element.slots(columns) * $0.count } ?? touched
  }
}

extension Indices {
  /// Its bytes.
  var touched: Int { 4 * count }
}
