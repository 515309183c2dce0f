/// The outcome of a probe: accuracies on held-out labelled images.
package struct Evaluation: Codable, Sendable, Equatable {
  package var step: Int
  package var time: Double
  /// `knn`; of a distillation's further students `knn vit_small`.
  package var name: String
  /// Accuracies, 0 to 1, by metric.
  package var values: [Metric: Double]
  /// Images that were judged, and classes among them.
  package var images: Int
  package var classes: Int

  /// The probe that stands for the run.
  package static let knn = "knn"

  enum CodingKeys: String, CodingKey { case step, time, name, values, images, classes }

  package init(
    step: Int, time: Double, name: String, values: [Metric: Double], images: Int, classes: Int
  ) {
    self.step = step
    self.time = time
    self.name = name
    self.values = values
    self.images = images
    self.classes = classes
  }
}
