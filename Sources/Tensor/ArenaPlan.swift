/// Plans a backend's memory before any of it exists.
///
/// Everything that a step needs is placed here once, at its largest; the backend then reserves
/// `peak` elements and no step allocates again. Buffers that are never needed at the same time
/// share their place through `scope` or `overlapping`.
package final class ArenaPlan {
  /// Elements in use so far, and the most that ever were.
  package private(set) var used = 0
  package private(set) var peak = 0

  /// Elements by purpose, of what is in use and of the peak.
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

  /// A place for `count` elements.
  package func buffer(_ count: Int) -> Buffer {
    let buffer = Buffer(offset: used, count: count)
    let length = (count + alignment - 1) / alignment * alignment
    used += length
    ledger[purpose, default: 0] += length
    if used > peak { (peak, peakLedger) = (used, ledger) }
    return buffer
  }

  /// A place for a matrix.
  package func matrix(_ rows: Int, _ columns: Int, _ element: Element = .fp32) -> Matrix {
    buffer(rows * element.slots(columns)).matrix(rows, columns, element)
  }

  /// A place for integers.
  package func indices(_ count: Int) -> Indices { Indices(buffer(count)) }

  /// A place for double-precision numbers that the host reads.
  package func scalars(_ count: Int) -> Scalars { Scalars(buffer(2 * count)) }

  /// What `body` plans is free again after it: the next to plan gets the same place.
  package func scope<Result>(_ body: () throws -> Result) rethrows -> Result {
    let mark = (used, ledger)
    defer { (used, ledger) = mark }
    return try body()
  }

  /// Plans `count` parts of which one at a time is needed: all begin at the same place.
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

  /// Plans parts of which one at a time is needed, each by a closure of its own.
  package func overlapping(_ parts: (() -> Void)...) {
    _ = overlapping(parts.count) { parts[$0]() }
  }

  /// Plans several buffers and gives the one that holds them all.
  package func region(_ body: () throws -> Void) rethrows -> Buffer {
    let start = used
    try body()
    return Buffer(offset: start, count: used - start)
  }

  /// Enters what `body` plans under a purpose; of two, one within the other, the inner counts.
  package func counted<Result>(as name: String, _ body: () throws -> Result) rethrows -> Result {
    let outer = purpose
    purpose = name
    defer { purpose = outer }
    return try body()
  }

  /// Bytes of the peak by purpose, which add up to `bytes`. Of parts that share their place the
  /// longest counts, and the others take nothing.
  package var bytesByPurpose: [String: Int] {
    peakLedger.mapValues { $0 * MemoryLayout<Float>.stride }
  }

  /// What the plan asks for, in bytes.
  package var bytes: Int { peak * MemoryLayout<Float>.stride }
}
