/// The result of a probe: accuracies on held-out labelled images.
package struct ProbeResult: Codable, Sendable, Equatable {
  /// The step after which the probe ran, and the time in seconds since 1970.
  @Count package var step: Int
  package var time: Double
  /// The name of the probe: `knn`, or such as `knn vit_small` for a further student of a
  /// distillation.
  package var name: String
  /// Accuracies from 0 to 1, by metric.
  package var values: [Metric: Double]
  /// The number of held-out images, and of classes among them.
  @Count package var images: Int
  @Count package var classes: Int

  /// The name of a run's main probe.
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
