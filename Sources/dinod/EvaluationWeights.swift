import CommandKit
import Features
import Images
import Model
import Run
import Support
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
  static let options: [Subcommand.Option] = [
    .init(
      "--which", "teacher|student|average",
      "which network; by default a run's teacher, or the average of a distillation's student"),
    .init("--arch", "A", "which of a distillation's several students"),
    Subcommand.directory,
  ]

  /// Options that say what is seen of images, and how features are computed.
  static let viewOptions: [Subcommand.Option] =
    [
      .init(
        "--size", "S|HxW",
        "what is seen of an image, in pixels; by default what the weights are for"),
      .init(
        "--resize", "S",
        "the shortest side before the centre is cut out; by default 256/224 of the size"),
      .init("--batch", "N", "images embedded at once; by default 16"),
    ] + Backend.options

  /// Reads the weights that a path or a run's name stands for.
  init(_ path: String, _ arguments: Arguments) throws {
    let weights = try BackboneWeights.read(
      path, which: try arguments.choice("--which"),
      arch: arguments.value("--arch"),
      runs: arguments.value("--dir").map { FilePath.absolute($0) })
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
    let size = try arguments.imageSize("--size")
    let resize = try arguments.integer("--resize", in: 1...(2 * EvaluationView.longest)) ?? 0
    let given = size == nil ? preprocessing.resize : nil
    return try EvaluationView(
      size: size ?? ImageSize(width: preprocessing.crop, height: preprocessing.crop),
      resize: resize > 0 ? resize : given, centre: centre, patch: shape.patchSize,
      mean: preprocessing.mean.map(Float.init), std: preprocessing.std.map(Float.init))
  }
}
