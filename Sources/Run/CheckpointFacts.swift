/// What is known of a checkpoint without reading its tensors.
package struct CheckpointFacts: Codable, Sendable, Equatable {
  package let step: Int
  package var name: String?
  /// When it was written, in seconds since 1970.
  package var time: Double?
  package var bytes: Int?
  /// Whether the step after it was sound.
  package var isSound = false
  /// Why it cannot be used; `nil` if it can.
  package var problem: String?
  /// The accuracy of the probe at this step.
  package var knn: Double?
  /// Why it is kept, in the names of the rules.
  package var keptFor: [String] = []

  enum CodingKeys: String, CodingKey {
    case step, name, time, bytes, problem, knn
    case isSound = "sound"
    case keptFor = "kept_for"
  }

  package init(step: Int, problem: String? = nil) {
    self.step = step
    self.problem = problem
  }
}
