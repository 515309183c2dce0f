import Model
import Recipe
import Run
import Support

/// The README of exported weights: how to load them, how they were trained and how they were
/// evaluated. It states only what is recorded.
struct ModelCard {
  let export: WeightsExport
  let format: ExportFormat
  let name: String
  /// The side of the images that a graph is for, in pixels.
  private let side: Int

  /// - Parameter size: the side of the images that ONNX is written for; nil for the crop of the weights'
  ///   preprocessing.
  init(_ export: WeightsExport, format: ExportFormat, name: String, size: Int? = nil) {
    self.export = export
    self.format = format
    self.name = name
    side = ONNXFile.side(export.weights, size: size)
  }

  /// The number of training steps behind the weights, or `nil` if it is unknown.
  var lastStep: Int? { export.step ?? export.record?.status.step }

  /// The recorded samples up to that step.
  var samples: [Sample] {
    guard let record = export.record, let last = lastStep else { return [] }
    return record.samples.filter { $0.step <= last }
  }

  /// The probe's evaluations of these weights up to that step.
  var evaluations: [ProbeResult] {
    guard let record = export.record, let last = lastStep else { return [] }
    return record.evaluations.filter { $0.step <= last && $0.name == probe }
  }

  /// The name of the probe of these weights. With several students, each has its own probe.
  private var probe: String {
    let others = Set(export.record?.evaluations.map(\.name) ?? [])
    let own = ProbeResult.knn + " " + (export.recipe?.student.arch ?? "")
    return others.contains(own) ? own : ProbeResult.knn
  }

  /// The whole text of the file.
  var text: String {
    ([header, "# \(name)", summary] + licence + ["## Load", loading, "## Model", table(model)]
      + training + results + recipe)
      .joined(separator: "\n\n") + "\n"
  }

  /// The YAML metadata that the Hugging Face Hub reads.
  private var header: String {
    let library = format == .huggingface ? "transformers" : format == .timm ? "timm" : nil
    return
      (["---"] + licenceLines + (library.map { ["library_name: \($0)"] } ?? [])
      + ["pipeline_tag: image-feature-extraction", "tags:", "- dinov2", "- vision", "---"])
      .joined(separator: "\n")
  }

  private var summary: String {
    let shape = export.weights.shape
    let origin =
      export.recipe == nil
      ? "converted by Dino from the layout of \(export.weights.source.layout)"
      : "\(export.recipe?.isDistilled == true ? "distilled" : "trained") by Dino with DINOv2's method\(objective)"
    return "A vision transformer with patches of \(shape.patchSize) pixels, \(origin). It computes "
      + "features of an image: one for the whole (CLS) and one for each patch."
  }

  private var objective: String {
    switch export.recipe?.objective.kind {
    case .codingRate: ", and the coding-rate objective (SimDINO) in place of its losses"
    case .features: " from the features of a frozen teacher, CLS and patches"
    case .dinov2, nil: ""
    }
  }

  private var loading: String {
    let view = export.weights.preprocessing
    let code = "```python\n" + loadingLines.joined(separator: "\n") + "\n```\n\n"
    return code
      + "Images: \(resizing) (\(view.filter.rawValue)), centre of \(view.crop.height) x "
      + "\(view.crop.width), mean \(view.mean), standard deviation \(view.std).\(scaling)"
  }

  /// How the weights are loaded, in Python.
  private var loadingLines: [String] {
    switch format {
    case .huggingface:
      [
        "from transformers import AutoImageProcessor, AutoModel",
        "model = AutoModel.from_pretrained(\"\(name)\").eval()",
        "pixels = AutoImageProcessor.from_pretrained(\"\(name)\")(image, return_tensors=\"pt\")",
        "features = model(**pixels).last_hidden_state  # CLS, "
          + (export.weights.shape.registers > 0 ? "registers, " : "") + "patches",
      ]
    case .timm:
      [
        "import timm",
        "model = timm.create_model(\"local-dir:\(name)\", pretrained=True).eval()",
        "features = model.forward_features(pixels)  # CLS, "
          + (export.weights.shape.registers > 0 ? "registers, " : "") + "patches",
      ]
    case .dinov2:
      [
        "import torch",
        "weights = torch.load(\"\(name)/model.pth\", weights_only=True)",
        "model.load_state_dict(weights)  # a DinoVisionTransformer of the official code",
      ]
    case .onnx:
      [
        "import onnxruntime",
        "session = onnxruntime.InferenceSession(\"\(name)/\(ONNXFile.name)\")",
        "cls, patches = session.run(None, {\"pixel_values\": pixels})  # pixels [N, \(export.weights.shape.channels), \(side), \(side)]",
      ]
    case .safetensors:
      [
        "from safetensors.torch import load_file",
        "weights = load_file(\"\(name)/model.safetensors\")",
        "backbone = {k[9:]: v for k, v in weights.items() if k.startswith(\"backbone.\")}",
      ]
    }
  }

  private var resizing: String {
    switch export.weights.preprocessing.resize {
    case .shortest(let side): "shortest side resized to \(side)"
    case .exact(let height, let width): "resized to \(height) x \(width)"
    }
  }

  /// How the samples of files are scaled before; empty for red, green and blue of 8 bits.
  private var scaling: String {
    let view = export.weights.preprocessing
    guard !view.isPlain else { return "" }
    let ranges = view.range.map { "\($0.lowerBound) to \($0.upperBound)" }
    let ends =
      view.range.isEmpty
      ? "the least and the greatest number of their type become 0 and 1"
      : (Set(ranges).count == 1 ? ranges[0] : ranges.joined(separator: ", ") + " by channel")
        + " become 0 to 1, and what lies beyond is clamped"
    return " Before that, samples of files are scaled: \(ends)."
  }

  private var model: [(String, String)] {
    let shape = export.weights.shape
    let parameters = shape.layout.elements(of: "backbone.")
    return [
      ("parameters", Format.count(parameters)), ("width", "\(shape.embedDim)"),
      ("blocks", "\(shape.depth)"), ("attention heads", "\(shape.numHeads)"),
      ("feed-forward", "\(shape.isGated ? "SwiGLU" : "MLP"), \(shape.hiddenWidth) wide"),
      ("channels", "\(shape.channels)"),
      ("patch", "\(shape.patchSize) x \(shape.patchSize) pixels"),
      (
        "positions",
        "\(shape.grid) x \(shape.grid), for \(shape.grid * shape.patchSize) pixels a side"
      ),
      ("registers", "\(shape.registers)"),
    ]
  }

  private func table(_ rows: [(String, String)]) -> String {
    "| | |\n|---|---|\n" + rows.map { "| \($0) | \($1) |" }.joined(separator: "\n")
  }

  private var training: [String] {
    var rows: [(String, String)] = []
    if let part = export.part { rows.append(("network", part.rawValue)) }
    if let step = lastStep { rows.append(("steps", Format.count(step))) }
    if let step = lastStep, let recipe = export.recipe {
      rows.append(("images in a step", Format.count(recipe.imagesPerStep)))
      rows.append(("images seen", Format.count(step * recipe.imagesPerStep)))
    }
    if let status = export.record?.status {
      let data = status.data.split(separator: "/").last.map(String.init) ?? status.data
      rows.append(("data", "\(data), \(Format.count(status.images, "image"))"))
    }
    guard !rows.isEmpty else { return [] }
    return ["## Training", table(rows)]
      + (curves == nil ? [] : ["![Losses and k-NN accuracy by step](\(Self.curvesName))"])
  }

  private var results: [String] {
    guard let last = evaluations.last else { return [] }
    let scores: [(String, String?)] = [
      ("RankMe", last.values[.rankMe].map { Format.decimals($0, 1) }),
      ("LiDAR", last.values[.lidar].map { Format.decimals($0, 1) }),
      ("alpha", last.values[.alphaReQ].map { Format.decimals($0, 2) }),
    ]
    let found = scores.compactMap { name, value in value.map { (name, $0) } }
    return ["## Probe"] + accuracies(last)
      + (found.isEmpty
        ? []
        : [
          "Scores without labels of \(Format.count(last.images, "image")) at step \(Format.count(last.step)), to "
            + "compare with other checkpoints of this run alone.", table(found),
        ])
  }

  private func accuracies(_ last: ProbeResult) -> [String] {
    guard last.values[.knnLearned] != nil else { return [] }
    let rows: [(String, Metric)] = [
      ("these features", .knnLearned), ("its teacher", .knnTeacher),
      ("the untrained network", .knnUntrained),
      ("raw pixels", .knnRawPixels),
    ]
    let values = rows.compactMap { name, metric in
      last.values[metric].map { (name, Format.decimals(100 * $0, 1) + " %") }
    }
    return [
      "k-NN accuracy at step \(Format.count(last.step)): \(Format.count(last.images)) held-out images of "
        + "\(Format.count(last.classes, "class")).",
      table(values),
    ]
      + (last.values[.linearLearned].map {
        ["Of a linear classifier of these features: \(Format.decimals(100 * $0, 1)) %."]
      } ?? [])
  }

  /// The recipe, with paths reduced to their last component.
  private var recipe: [String] {
    guard var recipe = export.recipe else { return [] }
    func last(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
    recipe.data.path = last(recipe.data.path)
    recipe.data.evalPath = last(recipe.data.evalPath)
    recipe.probe.masksPath = last(recipe.probe.masksPath)
    recipe.distillation.teacher = last(recipe.distillation.teacher)
    return ["## Recipe", "```yaml\n\(recipe.yaml())```"]
  }
}
