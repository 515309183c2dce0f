/// Plans a backend's memory before any of it exists.
///
/// Everything that a step needs is laid out here once, at its largest size. The backend then reserves
/// `peak` elements, and no step allocates again. Buffers that are never needed at the same time share
/// a region of the arena through `scope` or `overlapping`.
package final class ArenaPlan {
  /// Elements that are in use at this point of the plan.
  package private(set) var used = 0
  /// The most elements that were in use at any point: the size of the arena.
  package private(set) var peak = 0

  /// Elements by purpose: of what is in use now, and of what was in use at the peak.
  private var ledger: [String: Int] = [:]
  private var peakLedger: [String: Int] = [:]
  private var purpose = ""

  /// Elements at whose multiples buffers begin.
  private let alignment: Int

  /// - Parameter alignment: elements at whose multiples buffers begin, as the backend wants them;
  ///   an even number.
  package init(alignment: Int) {
    precondition(alignment > 0 && alignment % 2 == 0)
    self.alignment = alignment
  }

  /// Plans a buffer of `count` elements.
  package func buffer(_ count: Int) -> Buffer {
    let buffer = Buffer(offset: used, count: count)
    let length = (count + alignment - 1) / alignment * alignment
    used += length
    ledger[purpose, default: 0] += length
    if used > peak { (peak, peakLedger) = (used, ledger) }
    return buffer
  }

  /// Plans a matrix.
  package func matrix(_ rows: Int, _ columns: Int, _ element: Element = .fp32) -> Matrix {
    buffer(rows * element.slots(columns)).matrix(rows, columns, element)
  }

  /// Plans a buffer of integers.
  package func indices(_ count: Int) -> Indices { Indices(buffer(count)) }

  /// Plans double-precision numbers that the host reads.
  package func scalars(_ count: Int) -> Scalars { Scalars(buffer(2 * count)) }

  /// Plans what is needed for a while only: after `body` its region is free again, and what is planned
  /// next gets the same one.
  package func scope<Result>(_ body: () throws -> Result) rethrows -> Result {
    let mark = (used, ledger)
    defer { (used, ledger) = mark }
    return try body()
  }

  /// Plans `count` parts of which only one is needed at a time: all begin at the same offset.
  package func overlapping<Result>(_ count: Int, _ body: (Int) throws -> Result) rethrows
    -> [Result]
  {
    let mark = (used: used, ledger: ledger)
    var longest = mark
    defer { (used, ledger) = longest }
    return try (0..<count).map { number in
      (used, ledger) = mark
      let result = try body(number)
      if used > longest.used { longest = (used, ledger) }
      return result
    }
  }

  /// Plans parts of which only one is needed at a time, each by a closure of its own.
  package func overlapping(_ parts: (() -> Void)...) {
    _ = overlapping(parts.count) { parts[$0]() }
  }

  /// Plans several buffers and returns the buffer that spans them all.
  package func region(_ body: () throws -> Void) rethrows -> Buffer {
    let start = used
    try body()
    return Buffer(offset: start, count: used - start)
  }

  /// Counts what `body` plans under a purpose. Where calls are nested, the innermost purpose counts.
  package func counted<Result>(as name: String, _ body: () throws -> Result) rethrows -> Result {
    let outer = purpose
    purpose = name
    defer { purpose = outer }
    return try body()
  }

  /// Bytes of the peak by purpose, which add up to `bytes`. Of parts that overlap, only the longest
  /// is counted.
  package var bytesByPurpose: [String: Int] {
    peakLedger.mapValues { $0 * MemoryLayout<Float>.stride }
  }

  /// The size of the arena in bytes.
  package var bytes: Int { peak * MemoryLayout<Float>.stride }
}
