/// Which classes are taken for which.
package struct ConfusionMatrix: Sendable, Equatable {
  package let classes: [String]
  /// counts[true class][predicted class]
  package private(set) var counts: [[Int]]
  /// Images of each class, those that were taken for none included.
  package private(set) var totals: [Int]

  /// - Parameter predictions: a class each, or −1 where a classifier sees none.
  package init(_ predictions: [Int], labels: [Int], classes: [String]) {
    precondition(predictions.count == labels.count)
    self.classes = classes
    counts = Array(
      repeating: Array(repeating: 0, count: classes.count), count: classes.count)
    totals = Array(repeating: 0, count: classes.count)
    for (prediction, label) in zip(predictions, labels) {
      totals[label] += 1
      if prediction >= 0 { counts[label][prediction] += 1 }
    }
  }

  package var accuracy: Accuracy {
    Accuracy(
      right: classes.indices.reduce(0) { $0 + counts[$1][$1] }, count: totals.reduce(0, +))
  }

  /// How many images of a class are found as such (recall).
  package func accuracy(of number: Int) -> Accuracy {
    Accuracy(right: counts[number][number], count: totals[number])
  }

  /// The share of right ones among all that were taken for a class; nil where none was.
  package func precision(of number: Int) -> Double? {
    let taken = counts.reduce(0) { $0 + $1[number] }
    return taken == 0 ? nil : Double(counts[number][number]) / Double(taken)
  }
}
