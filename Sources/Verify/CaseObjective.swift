import Model
import Objective

extension ObjectiveShape {
  /// Reads the objective of a case; DINOv2's, if it names none.
  init(_ fields: inout CaseFields) throws(CaseError) {
    let kinds = ["dinov2", "coding_rate", "features"]
    switch try fields.word("objective", of: kinds, fallback: "dinov2") {
    case "coding_rate":
      self = .codingRate(
        CodingRate(
          epsilon: try fields.number("coding_rate_eps", 1e-9...1e6),
          weight: try fields.number("coding_rate_weight", 0...1e6)))
    case "features":
      self = .features(
        FeatureMatching(
          cosineWeight: try fields.number("features_cosine_weight", 0...1e6),
          smoothL1Weight: try fields.number("features_smooth_l1_weight", 0...1e6)))
    default: self = .dinov2
    }
  }

  /// Whether a head predicts features of another width.
  fileprivate var predictsFeatures: Bool {
    if case .features = self { true } else { false }
  }
}

extension CenteringMethod {
  /// The method of a case's objective.
  init(_ fields: inout CaseFields, _ objective: ObjectiveShape) throws(CaseError) {
    switch objective {
    case .dinov2:
      let method = try fields.word(
        "centering", of: ["sinkhorn_knopp", "centering"], fallback: "sinkhorn_knopp")
      self = method == "centering" ? .centering : .sinkhornKnopp
    case .codingRate: self = .none
    case .features: self = .standardisation
    }
  }
}

extension NetworkShape {
  init(_ fields: inout CaseFields, _ objective: ObjectiveShape) throws(CaseError) {
    let backbone = try BackboneShape(&fields)
    let width = backbone.embedDim
    let dino = try HeadShape(fields.object("dino_head")!, inputs: width, objective)
    let ibot = try fields.object("ibot_head", isOptional: true)
      .map { (fields) throws(CaseError) in try HeadShape(fields, inputs: width, objective) }
    self.init(
      backbone: backbone, dinoHead: dino,
      ibotHead: try fields.bool("separate_head", fallback: true) ? ibot ?? dino : nil)
  }

  /// The frozen teacher of a distillation, if it is one. Patches must have the student's size unless
  /// features are predicted, which must have the width of its heads' outputs.
  init?(
    frozen outer: inout CaseFields, of student: NetworkShape, _ objective: ObjectiveShape
  ) throws(CaseError) {
    guard var fields = try outer.object("teacher", isOptional: true) else {
      try outer.require(
        !objective.predictsFeatures, "objective", "is features, which needs a teacher")
      return nil
    }
    if objective.predictsFeatures {
      let backbone = try BackboneShape(&fields)
      self.init(backbone: backbone, dinoHead: .none(backbone), ibotHead: nil)
      for outputs in [student.dinoHead.outputs, student.patchOutputs] {
        try outer.require(
          outputs == backbone.embedDim, "dino_head",
          "has \(outputs) outputs, and the teacher \(backbone.embedDim) channels")
      }
    } else {
      try self.init(&fields, objective)
    }
    let patch = student.backbone.patchSize
    try fields.require(
      backbone.patchSize == patch || objective.predictsFeatures, "patch_size",
      "must be the student's, \(patch)")
    try fields.finish()
  }
}

extension HeadShape {
  fileprivate init(
    _ given: CaseFields, inputs: Int, _ objective: ObjectiveShape
  ) throws(CaseError) {
    var fields = given
    self.init(
      inputs: inputs, hidden: try fields.int("hidden_dim", 1...65536),
      bottleneck: try fields.int("bottleneck_dim", 1...65536),
      prototypes: objective.hasPrototypes ? try fields.int("prototypes", 2...16_777_216) : 0,
      layers: try fields.int("layers", 1...16, fallback: 3),
      isNormalised: !objective.predictsFeatures)
    try fields.finish()
  }
}
