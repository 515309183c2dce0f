import Support
import Engine
import Model
import Objective
import Optimiser
import Tensor

/// The contents of a recorded case's `case.json`: sizes and settings, with the names that the
/// reference uses.
struct CaseDescription {
  let network: NetworkShape
  /// The frozen teacher of a distillation; `nil` if the teacher is the student's EMA.
  let teacher: NetworkShape?
  /// The number of ranks, each with a batch of its own.
  let world: Int
  let counts: CropCounts
  let globalSize: Int
  let localSize: Int
  let dropPath: Double
  let weights: LossWeights
  let koleoWeight: Double
  let koleoCrops: Int
  let centering: CenteringMethod
  let objective: ObjectiveShape
  let layerwiseDecay: Double
  let patchEmbedLrMult: Double
  let clipGrad: Double
  /// The schedule values of each step.
  let steps: [StepValues]

  /// Reads and checks a file. The error names the key that is missing, unknown or out of range.
  init(file path: String) throws(CaseError) {
    var fields = try CaseFields(JSONValue(file: path), path: path)
    // These say how the case was made. A replay does not need them.
    _ = try fields.int("seed", 0...Int.max, fallback: 0)
    _ = try fields.number("jitter", fallback: 0)
    world = try fields.int("world", 1...1024, fallback: 1)
    _ = try fields.int("unmasked_rank", 0...world - 1, fallback: 0)

    objective = try ObjectiveShape(&fields)
    network = try NetworkShape(&fields, objective)
    teacher = try NetworkShape(frozen: &fields, of: network, objective)
    let patch = network.backbone.patchSize
    counts = CropCounts(
      images: try fields.int("batch", 1...65536), localCrops: try fields.int("local_crops", 0...64))
    globalSize = try fields.int("global_size", 1...4096, multipleOf: ("patch_size", patch))
    let teacherPatch = teacher?.backbone.patchSize ?? patch
    try fields.require(
      globalSize % teacherPatch == 0, "global_size", "is no multiple of the teacher's patch_size")
    localSize = try fields.int("local_size", 1...4096, multipleOf: ("patch_size", patch))
    // A distillation has no stochastic depth, and its case has no such key.
    dropPath = teacher == nil ? try fields.number("drop_path", 0...1, fallback: 0) : 0

    koleoWeight = try fields.number("koleo_weight", 0...1e6)
    koleoCrops =
      try fields.word("koleo_crops", of: ["both", "first"], fallback: "both") == "both"
      ? 2 : 1
    centering = try CenteringMethod(&fields, objective)
    weights = LossWeights(
      dino: Float(try fields.number("dino_weight", 0...1e6)), koleo: Float(koleoWeight),
      ibot: Float(try fields.number("ibot_weight", 0...1e6)))
    layerwiseDecay = try fields.number("layerwise_decay", 0...1)
    patchEmbedLrMult = try fields.number("patch_embed_lr_mult", 0...1e6)
    clipGrad = try fields.number("clip_grad", 0...1e30)
    var steps: [StepValues] = []
    for step in try fields.objects("steps") {
      steps.append(try StepValues(step, clipGrad: clipGrad, weights: weights))
    }
    self.steps = steps
    try fields.finish()
  }

  var backbone: BackboneShape { network.backbone }

  /// The network that the steps update by moving average, and the prefix of its tensors: the
  /// teacher, or in a distillation the student's average.
  var average: (part: Engine.Part, prefix: String) {
    teacher == nil ? (.teacher, "final.teacher.") : (.average, "final.average.")
  }

  /// The shape of the engine that replays the case. Every patch of every crop may be masked.
  var engineShape: EngineShape {
    let grid = globalSize / backbone.patchSize
    var shape = EngineShape(
      network: network, counts: counts, globalCropsSize: globalSize, localCropsSize: localSize,
      maskedPatches: counts.global * grid * grid, centering: centering, koleoCrops: koleoCrops)
    shape.objective = objective
    shape.frozenTeacher = teacher
    shape.ranks = Ranks(world: world, of: .only)
    return shape
  }

  /// The beginning of the names of a rank's inputs of a step.
  func inputs(_ step: Int, rank: Int) -> String {
    world == 1 ? "\(step)." : "\(step).rank\(rank)."
  }

  func groups(_ layout: ParameterLayout) -> ParameterGroups {
    ParameterGroups(
      layout: layout, depth: backbone.depth, layerwiseDecay: layerwiseDecay,
      patchEmbedLrMult: patchEmbedLrMult)
  }
}

/// The losses and gradient norms of a step in `expected.json`.
struct ExpectedStep {
  let total: Double
  let dinoLocalCrops: Double
  let dinoGlobalCrops: Double
  let koleo: Double
  let ibot: Double
  /// The expansion of the coding-rate objective; 0 for DINOv2's.
  let codingRate: Double
  /// The norms in the order of the modules.
  let gradNorms: [Double]

  private init(_ given: CaseFields, modules: [String]) throws(CaseError) {
    var fields = given
    total = try fields.number("total")
    dinoLocalCrops = try fields.number("dino_local_crops_loss")
    dinoGlobalCrops = try fields.number("dino_global_crops_loss")
    koleo = try fields.number("koleo_loss")
    ibot = try fields.number("ibot_loss")
    codingRate = try fields.number("coding_rate_loss", fallback: 0)
    var norms = try fields.object("grad_norm")!
    var found: [Double] = []
    for module in modules { found.append(try norms.number(module)) }
    gradNorms = found
    try norms.finish()
    try fields.finish()
  }

  static func read(
    file path: String, steps: Int, modules: [String]
  ) throws(CaseError) -> [ExpectedStep] {
    guard case .list(let values) = try JSONValue(file: path) else {
      throw CaseError(path: path, problem: "must be a list of steps")
    }
    guard values.count == steps else {
      throw CaseError(
        path: path, problem: "has \(Format.count(values.count, "step")), case.json has \(steps)")
    }
    var found: [ExpectedStep] = []
    for (number, value) in values.enumerated() {
      found.append(
        try ExpectedStep(
          CaseFields(value, path: path, name: "step \(number)"), modules: modules))
    }
    return found
  }
}

extension BackboneShape {
  init(_ fields: inout CaseFields) throws(CaseError) {
    let heads = try fields.int("num_heads", 1...1024)
    let width = try fields.int("embed_dim", 1...65536, multipleOf: ("num_heads", heads))
    let patch = try fields.int("patch_size", 1...1024)
    let side = try fields.int("img_size", 1...4096, multipleOf: ("patch_size", patch))
    let layer = try fields.word(
      "ffn_layer", of: ["mlp", "swiglu", "swiglufused"], fallback: "mlp")
    let isGated = layer != "mlp"
    self.init(
      embedDim: width, depth: try fields.int("depth", 1...1024), numHeads: heads, patchSize: patch,
      grid: side / patch, hiddenWidth: isGated ? (4 * width * 2 / 3 + 7) / 8 * 8 : 4 * width,
      isGated: isGated, registers: try fields.int("num_register_tokens", 0...1024, fallback: 0),
      layerScale: Float(try fields.number("layerscale", 0...1e6)),
      interpolateAntialias: try fields.bool("interpolate_antialias", fallback: false),
      interpolateOffset: try fields.number("interpolate_offset", 0...0.999, fallback: 0.1))
  }
}

extension StepValues {
  fileprivate init(
    _ given: CaseFields, clipGrad: Double, weights: LossWeights
  ) throws(CaseError) {
    var fields = given
    self.init(
      lr: try fields.number("lr", 0...1e6),
      lastLayerLr: try fields.number("last_layer_lr", 0...1e6),
      weightDecay: try fields.number("weight_decay", 0...1e6),
      momentum: try fields.number("momentum", 0...1),
      teacherTemp: try fields.number("teacher_temp", 1e-6...1e6), clipGrad: clipGrad,
      weights: weights)
    try fields.finish()
  }
}
