import Crops
import Evaluation
import Images

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// The image files that a command's operands name: files as they are, folders with all that is
/// below them, in the order of their paths.
func imageFiles(_ operands: [String]) throws -> [String] {
  try operands.flatMap { operand in
    var info = stat()
    guard stat(operand, &info) == 0 else {
      throw RunError.file("\(operand): \(String(cString: strerror(errno)))")
    }
    guard info.st_mode & S_IFMT == S_IFDIR else { return [operand] }
    do {
      let source = try FolderSource(path: operand)
      return (0..<source.count).map(source.path)
    } catch SourceError.noImages {
      throw RunError.file("\(operand): no JPEG or PNG files in it or in its folders")
    }
  }
}

extension EvaluationWeights {
  /// The view that the options ask for; by default of the size that the weights were trained for.
  func view(_ arguments: Arguments) throws -> EvaluationView {
    let resize = try arguments.integer("resize", in: 1...(2 * EvaluationView.longest), default: 0)
    return try EvaluationView(
      size: arguments.imageSize("size") ?? ImageSize(width: size, height: size),
      resize: resize > 0 ? resize : nil, patch: shape.patchSize, mean: mean, std: std)
  }
}

/// Options that all commands share which look at images.
let viewOptions = [
  CommandOption(
    name: "size", value: "S|HxW",
    meaning: "what is seen of an image, in pixels; by default what the weights are for"),
  CommandOption(
    name: "resize", value: "S",
    meaning: "the shortest side before the centre is cut out; by default 256/224 of the size"),
  CommandOption(name: "batch", value: "N", meaning: "images embedded at once; by default 16"),
  CommandOption(name: "threads", value: "N", meaning: "by default one for each core"),
]

/// Says on stderr which images were passed over, and why.
func tellSkipped(_ problems: [PixelLoader.Problem], of count: Int) {
  for problem in problems { fputs("skipped \(problem.reason)\n", stderr) }
  if !problems.isEmpty {
    fputs("\(problems.count) of \(count) images were skipped\n", stderr)
  }
}
