import Features
import Images
import Model
import Run
import Weights

/// Weights as evaluation needs them: a backbone's values, and how pictures become its input.
struct EvaluationWeights {
  /// As the command was given it.
  let name: String
  let shape: BackboneShape
  let values: [Float]
  private let preprocessing: Preprocessing
  private let centre: CropCentre

  /// Options that choose among a run's weights.
  static let options = [
    CommandOption(
      name: "which", value: "teacher|student|average",
      meaning: "of a run; by default its teacher, of a distillation its student's average"),
    CommandOption(name: "arch", value: "A", meaning: "which of a distillation's several students"),
    CommandOption(name: "dir", value: "D", meaning: "the folder that holds runs"),
  ]

  /// Options that say what is seen of images, and how features are computed.
  static let viewOptions = [
    CommandOption(
      name: "size", value: "S|HxW",
      meaning: "what is seen of an image, in pixels; by default what the weights are for"),
    CommandOption(
      name: "resize", value: "S",
      meaning: "the shortest side before the centre is cut out; by default 256/224 of the size"),
    CommandOption(name: "batch", value: "N", meaning: "images embedded at once; by default 16"),
    CommandOption(name: "threads", value: "N", meaning: "by default one for each core"),
    CommandOption(
      name: "precision", value: "fp32|bf16|auto",
      meaning: "of products; by default fp32, bf16 is twice as fast where there are units for it"),
  ]

  /// Reads the weights that a path or a run's name stands for.
  init(_ path: String, _ arguments: Arguments) throws {
    let which = try arguments.word("which", of: ["teacher", "student", "average"])
    let weights = try BackboneWeights.read(
      path, which: arguments.has("which") ? NetworkPart(rawValue: which) : nil,
      arch: arguments.value("arch"),
      runs: arguments.value("dir").map(absolutePath))
    weights.source.notices.forEach(tell)
    name = path
    shape = weights.shape
    values = weights.values
    preprocessing = weights.preprocessing
    // Hugging Face's weights are looked at as its image processors look at pictures.
    centre = weights.source.layout == "huggingface" ? .huggingFace : .torchvision
  }

  /// The view that the options ask for, or else the one that the weights are for.
  func view(_ arguments: Arguments) throws -> EvaluationView {
    let size = try arguments.imageSize("size")
    let resize = try arguments.integer("resize", in: 1...(2 * EvaluationView.longest), default: 0)
    let given = size == nil ? preprocessing.resize : nil
    return try EvaluationView(
      size: size ?? ImageSize(width: preprocessing.crop, height: preprocessing.crop),
      resize: resize > 0 ? resize : given, centre: centre, patch: shape.patchSize,
      mean: preprocessing.mean.map(Float.init), std: preprocessing.std.map(Float.init))
  }
}
