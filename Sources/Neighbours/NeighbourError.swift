/// Why vectors cannot be compared. It says what is wrong and gives the remedy.
package enum NeighbourError: Error, Equatable, CustomStringConvertible {
  /// A vector has an element that is no finite number, or elements too large to be compared.
  case notFinite(vector: Int)
  /// The memory does not hold whole vectors.
  case notWhole(elements: Int, dimension: Int)
  /// Vectors of different dimensions cannot be compared.
  case dimensions(Int, Int)
  /// More was asked for than there is.
  case tooFew(have: Int, asked: Int)
  /// The caller's report of progress said to stop.
  case cancelled

  package var description: String {
    switch self {
    case .notFinite(let vector):
      "vector \(vector) has elements that are not finite or too large; compute it again or leave "
        + "it out"
    case .notWhole(let elements, let dimension):
      "\(elements) elements are no whole vectors of dimension \(dimension); check the dimension"
    case .dimensions(let one, let other):
      "vectors of dimensions \(one) and \(other) cannot be compared; use one model for both"
    case .tooFew(let have, let asked):
      "\(asked) were asked for, but there are only \(have); ask for at most so many"
    case .cancelled: "stopped before the comparison was done; start it again"
    }
  }
}

/// Told the fraction that is done, 0 … 1, on the caller's thread; returns whether to go on.
package typealias ProgressReport = (_ done: Double) -> Bool

/// Reports progress of a part of some work.
struct ProgressSpan {
  let report: ProgressReport
  var begin = 0.0
  var end = 1.0

  /// Reports the fraction of this part that is done.
  func reached(_ done: Double) throws(NeighbourError) {
    guard report(place(done)) else { throw .cancelled }
  }

  /// Returns the fraction of all work that is done when so much of this part is.
  func place(_ done: Double) -> Double { min(1, begin + (end - begin) * done) }

  /// Returns a part of this part, by the fractions where it begins and ends.
  func part(_ from: Double, _ to: Double) -> ProgressSpan {
    ProgressSpan(
      report: report, begin: begin + (end - begin) * from, end: begin + (end - begin) * to)
  }
}
