import Kernels
import Model
import Tensor

/// What the prototypes make of features, between steps. It overwrites the features and targets of the last step.
extension Engine {
  /// Calls `body` with the row and the logits [K] of each of some CLS features [images, D], in order, by the head of a
  /// student's average for CLS tokens. It is called for none if the head has no prototypes, other ones than the
  /// teacher, or parameters that are spread over processes.
  package func forEachLogits(
    of features: [Float], student: Int = 0, _ body: (_ row: Int, _ logits: [Float]) -> Void
  ) {
    let network = network(.average, student)
    let head = network.shape.dinoHead
    guard head.prototypes > 0, head.outputs == shape.teacher.dinoHead.outputs, !shape.isSharded
    else { return }
    let width = network.shape.backbone.embedDim
    let most = shape.counts.global
    for first in stride(from: 0, to: features.count / width, by: most) {
      let rows = min(most, features.count / width - first)
      let input = network.pass.features.first(rows)
      let logits = targetPlan.cls(0).first(rows)
      kernels.upload(features[first * width..<(first + rows) * width], to: input.buffer)
      network.logits(kernels, .cls, input, into: logits)
      for row in 0..<rows { body(first + row, kernels.download(logits.rows(row..<row + 1))) }
    }
  }
}
