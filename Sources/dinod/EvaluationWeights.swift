import CommandKit
import Features
import Images
import Model
import Run
import Store
import Support
import Weights

/// The weights of a backbone, and how images are prepared for it.
struct EvaluationWeights {
  /// The weights' path or run, as given on the command line.
  let name: String
  let shape: BackboneShape
  let values: [Float]
  private let preprocessing: Preprocessing
  private let centre: CropCentre

  /// A checksum of the weights.
  var checksum: String {
    values.withUnsafeBytes { Checksum.text(of: $0) }
  }

  /// Options that choose among the weights of a run.
  static let options: [Subcommand.Option] = [
    .init(
      "--which", "teacher|student|average",
      "which network; by default a run's teacher, or the average of a distillation's student"),
    .init("--arch", "A", "which student of a distillation, if it has several"),
    Subcommand.directory,
  ]

  /// Options for the view of images and the computation of features.
  static let viewOptions: [Subcommand.Option] =
    [
      .init(
        "--size", "S|HxW",
        "size of the centre crop, pixels; by default what the weights are for"),
      .init(
        "--resize", "S",
        "shortest side of the image before the crop; by default 256/224 of the size"),
      .init("--batch", "N", "images embedded at once; by default 16"),
    ] + Backend.options

  /// Reads the weights at a path or of a run that a command line describes.
  init(_ path: String, _ arguments: Arguments) throws {
    try self.init(
      path,
      BackboneWeights.read(
        path, which: try arguments.choice("--which"), arch: arguments.value("--arch"),
        runs: arguments.value("--dir").map { FilePath.absolute($0) }))
  }

  /// Reads the weights at a path or of a run in the default folder.
  init(_ path: String) throws {
    try self.init(path, BackboneWeights.read(path, which: nil, arch: nil, runs: nil))
  }

  private init(_ path: String, _ weights: BackboneWeights) {
    weights.source.notices.forEach(tell)
    name = path
    shape = weights.shape
    values = weights.values
    preprocessing = weights.preprocessing
    // Hugging Face's image processors place the centre crop differently.
    centre =
      weights.source.layout.hasPrefix("huggingface") || weights.preprocessorConfig != nil
      ? .huggingFace : .torchvision
  }

  /// Returns the view that the options describe; by default the one for which the weights were
  /// made.
  func view(_ arguments: Arguments) throws -> EvaluationView {
    try view(
      size: arguments.imageSize("--size"),
      resize: arguments.integer("--resize", in: 1...(2 * EvaluationView.longest)) ?? 0)
  }

  /// Returns a view of a size; by default that for which the weights were made.
  ///
  /// - Parameter resize: the shortest side before the crop, in pixels; 0: by the size.
  func view(size: ImageSize?, resize: Int = 0) throws -> EvaluationView {
    var given: Int?
    var exact: ImageSize?
    switch preprocessing.resize {
    case .shortest(let side): given = size == nil ? side : nil
    case .exact(let height, let width):
      // Another size is seen as the whole image, too; --resize lets images keep their shape.
      if resize == 0 { exact = size ?? ImageSize(width: width, height: height) }
    }
    let crop = ImageSize(width: preprocessing.crop.width, height: preprocessing.crop.height)
    return try EvaluationView(
      size: size ?? crop, resize: resize > 0 ? resize : given, exact: exact,
      filter: preprocessing.filter == .bilinear ? .bilinear : .bicubic, centre: centre,
      patch: shape.patchSize, format: preprocessing.format,
      mean: preprocessing.mean.map(Float.init),
      std: preprocessing.std.map(Float.init))
  }
}

extension Preprocessing {
  /// What images are decoded into; `nil` for red, green and blue of 8 bits.
  fileprivate var format: SampleFormat? {
    guard mean.count != 3 || !range.isEmpty else { return nil }
    return SampleFormat(
      channels: mean.count, range: range.map { Float($0.lowerBound)...Float($0.upperBound) })
  }
}
