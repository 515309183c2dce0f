import Evaluation
import Foundation
import Testing

@Suite("Accuracy and confusion")
struct AccuracyTests {
  @Test(
    "Wilson's interval is that of the literature, and lies within 0 and 1",
    arguments: [
      (8, 10, 0.4902, 0.9433), (0, 10, 0, 0.2775), (10, 10, 0.7225, 1), (50, 100, 0.4038, 0.5962),
    ])
  func wilson(correct: Int, count: Int, low: Double, high: Double) {
    let interval = Accuracy(correct: correct, count: count).interval
    #expect(abs(interval.low - low) < 5e-5 && abs(interval.high - high) < 5e-5, "\(interval)")
  }

  @Test("no images say nothing")
  func none() {
    let none = Accuracy([], labels: [])
    #expect(none.value == 0 && none.interval == (0, 1))
  }

  private let matrix = ConfusionMatrix(
    [0, 0, 1, 1, 1, 0], labels: [0, 0, 0, 1, 1, 2], classes: ["heron", "coot", "<grebe & co>"])

  @Test("rows are true classes, columns what they are taken for")
  func counts() {
    #expect(matrix.counts == [[2, 1, 0], [0, 2, 0], [1, 0, 0]])
    #expect(matrix.accuracy == Accuracy(correct: 4, count: 6))
    #expect(matrix.accuracy(of: 0) == Accuracy(correct: 2, count: 3))
    #expect(matrix.precision(of: 0) == 2.0 / 3 && matrix.precision(of: 2) == nil)
  }

  @Test("intersection over union is a mean over the classes that there are")
  func union() {
    let mean = matrix.meanIntersectionOverUnion ?? -1
    // 2/4, 2/3 and 0.
    #expect(abs(mean - 7.0 / 18) < 1e-12, "\(mean)")
    let few = ConfusionMatrix([0, 1, -1], labels: [0, 0, 0], classes: ["a", "b", "c"])
    let sixth: Double? = 1.0 / 6
    #expect(few.meanIntersectionOverUnion == sixth)
    #expect(ConfusionMatrix([], labels: [], classes: ["a"]).meanIntersectionOverUnion == nil)
  }

  @Test("a classifier that sees nothing is wrong, in no column")
  func unseen() {
    let matrix = ConfusionMatrix([-1, 0], labels: [0, 0], classes: ["a", "b"])
    #expect(matrix.counts == [[1, 0], [0, 0]])
    #expect(matrix.accuracy(of: 0) == Accuracy(correct: 1, count: 2))
  }

  @Test("the picture names every class, escapes what XML reserves, and shades what was seen")
  func picture() {
    let svg = matrix.svg(title: "k-NN: 67 %")
    #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
    for name in ["heron", "coot", "&lt;grebe &amp; co&gt;", "k-NN: 67 %"] {
      #expect(svg.contains(">\(name)<"))
    }
    #expect(!svg.contains("<grebe"))
    // A cell for each of the four entries that are not zero, and the background.
    #expect(svg.components(separatedBy: "<rect ").count - 1 == 5)
    #expect(svg.contains(">heron taken for coot: 1<") && svg.contains(">33</text>"))
  }
}
