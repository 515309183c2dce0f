/// The number of images for each pair of true and predicted class.
package struct ConfusionMatrix: Sendable, Equatable {
  package let classes: [String]
  /// `counts[true class][predicted class]`.
  package private(set) var counts: [[Int]]
  /// The number of images of each class, including those without a prediction.
  package private(set) var totals: [Int]

  /// - Parameter predictions: the predicted class of each image; −1 if there is none.
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

  /// The accuracy on the images of all classes. An image without a prediction counts as wrong.
  package var accuracy: Accuracy {
    Accuracy(
      correct: classes.indices.reduce(0) { $0 + counts[$1][$1] }, count: totals.reduce(0, +))
  }

  /// Returns the accuracy on the images of one class, which is its recall.
  package func accuracy(of number: Int) -> Accuracy {
    Accuracy(correct: counts[number][number], count: totals[number])
  }

  /// Returns the share of correct predictions among all predictions of a class; `nil` if there are
  /// none.
  package func precision(of number: Int) -> Double? {
    let taken = counts.reduce(0) { $0 + $1[number] }
    return taken == 0 ? nil : Double(counts[number][number]) / Double(taken)
  }

  /// The mean over the classes of the intersection of what is of a class and what is predicted to be, divided by the
  /// union of both. Classes of neither have no part in it; `nil` if there is no other.
  package var meanIntersectionOverUnion: Double? {
    let shares = classes.indices.compactMap { number -> Double? in
      let taken = counts.reduce(0) { $0 + $1[number] }
      let union = totals[number] + taken - counts[number][number]
      return union == 0 ? nil : Double(counts[number][number]) / Double(union)
    }
    return shares.isEmpty ? nil : shares.reduce(0, +) / Double(shares.count)
  }
}
