/// The result of a probe: accuracies on held-out labelled images, and scores without labels.
package struct ProbeResult: Codable, Sendable, Equatable {
  /// The step after which the probe ran, and the time in seconds since 1970.
  @Count package var step: Int
  package var time: Double
  /// The name of the probe: `knn`, or such as `knn vit_small` for a further student of a
  /// distillation.
  package var name: String
  /// Accuracies from 0 to 1, and scores, by metric.
  package var values: [Metric: Double]
  /// The number of images that were classified or scored, and of classes among them; 0 without labels.
  @Count package var images: Int
  @Count package var classes: Int
  /// The fingerprint of the run's images when this was measured; `nil` if they are not files, or if
  /// an older Dino measured it. Results on different images cannot be compared.
  package var data: String?

  /// The name of a run's main probe.
  package static let knn = "knn"

  enum CodingKeys: String, CodingKey { case step, time, name, values, images, classes, data }

  /// Returns whether this was measured on the images with a fingerprint, as far as is known.
  package func isMeasured(on images: String?) -> Bool { data == nil || data == images }

  package init(
    step: Int, time: Double, name: String, values: [Metric: Double], images: Int, classes: Int,
    data: String? = nil
  ) {
    self.step = step
    self.time = time
    self.name = name
    self.values = values
    self.images = images
    self.classes = classes
    self.data = data
  }
}
