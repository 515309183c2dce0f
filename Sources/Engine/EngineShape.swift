import Model
import Objective
import Recipe
import Schedule
import Tensor

/// Everything that decides an engine's memory.
package struct EngineShape: Sendable, Equatable {
  /// The students, at least one.
  package var students: [StudentShape]
  /// The network of a frozen teacher; nil if the teacher is the average of the only student.
  package var frozenTeacher: NetworkShape?
  /// The crops of a rank's micro-batch.
  package var counts: CropCounts
  package var globalCrops: CropGroup
  package var localCrops: CropGroup
  /// The most patches that iBOT compares in a rank's micro-batch: those under masks, or all in a distillation.
  package var maskedPatches: Int
  package var centering: CenteringMethod
  package var objective = ObjectiveShape.dinov2
  /// What of the backbone does not learn.
  package var frozen = FrozenPart.nothing
  /// The number of global crops that KoLeo spreads: 2, or 1 for the first only.
  package var koleoCrops: Int
  /// The rates of stochastic depth by which memory is planned, one for each block; empty if a batch may
  /// compute everything.
  package var dropPathRates: [Double] = []
  /// The most micro-batches of a rank whose gradients a step accumulates.
  package var accumulationSteps = 1
  /// The ranks of the run, and those that this process computes one after the other.
  package var ranks = Ranks.one
  /// How parameters, gradients and moments are divided among the processes.
  package var sharding = Recipe.ShardingStrategy.noShard
  /// Whether activations are computed again in the backward pass instead of being kept.
  package var recompute = false

  /// Creates the shape of pre-training with one student, whose average is the teacher.
  package init(
    network: NetworkShape, counts: CropCounts, globalCropsSize: Int, localCropsSize: Int,
    maskedPatches: Int, centering: CenteringMethod, koleoCrops: Int = 2
  ) {
    let patch = network.backbone.patchSize
    students = [StudentShape(name: "", network: network)]
    self.counts = counts
    globalCrops = CropGroup(count: counts.global, size: globalCropsSize, patch: patch)
    localCrops = CropGroup(count: counts.local, size: localCropsSize, patch: patch)
    self.maskedPatches = maskedPatches
    self.centering = centering
    self.koleoCrops = koleoCrops
  }

  /// The first student's network.
  package var network: NetworkShape { students[0].network }

  /// The teacher's network.
  package var teacher: NetworkShape { frozenTeacher ?? network }

  /// The global crops as the teacher's patches. Their grid is another one if its patches have another size than the
  /// students', which takes an objective that compares features.
  package var teacherCrops: CropGroup {
    let (own, other) = (network.backbone.patchSize, teacher.backbone.patchSize)
    guard own != other else { return globalCrops }
    return CropGroup(
      count: globalCrops.count, rows: globalCrops.rows * own / other,
      columns: globalCrops.columns * own / other)
  }

  /// Whether the teacher's patches are resized to the students' grid before they are compared.
  var resizesTargets: Bool { network.backbone.patchSize != teacher.backbone.patchSize }

  /// The most patches whose features the teacher's pass returns.
  var teacherPatches: Int { resizesTargets ? teacherCrops.patches : maskedPatches }

  /// How gathered parameters and reduced gradients are sent.
  package var gathered = Element.fp32
  package var reduced = Element.fp32

  /// Whether each process owns only a part of the parameters.
  package var isSharded: Bool { sharding != .noShard && ranks.local.count < ranks.world }

  /// How activations are retained for the backward pass.
  var retention: Retention { recompute ? .recomputed : .kept }

  /// The crop groups of a student's pass: global crops and, if there are any, local crops.
  package var studentGroups: [CropGroup] {
    counts.local > 0 ? [globalCrops, localCrops] : [globalCrops]
  }
}

extension EngineShape {
  /// The shape for a recipe whose masks cover up to the given share of a crop. A distillation has no
  /// masks and takes the network of its frozen teacher.
  ///
  /// - Parameter place: the process whose memory is planned.
  package init(
    _ recipe: Recipe, maskRatioMax: Double, frozenTeacher: NetworkShape? = nil,
    place: ProcessPlace = .only
  ) {
    let counts = CropCounts(
      images: recipe.train.batchSizePerGPU, localCrops: recipe.crops.localCropsNumber)
    let grid = recipe.crops.globalCropsSize / recipe.student.patchSize
    let masked = Int(Double(counts.global) * recipe.ibot.maskSampleProbability)
    let covered = masked * min(grid * grid, Int(Double(grid * grid) * maskRatioMax) + 1)
    self.init(
      network: NetworkShape(recipe, teacher: frozenTeacher), counts: counts,
      globalCropsSize: recipe.crops.globalCropsSize,
      localCropsSize: recipe.crops.localCropsSize,
      maskedPatches: frozenTeacher == nil ? covered : counts.global * grid * grid,
      centering: recipe.train.centering == .sinkhornKnopp ? .sinkhornKnopp : .centering,
      koleoCrops: recipe.dino.koleoCrops == .both ? 2 : 1)
    objective = ObjectiveShape(recipe.objective)
    switch objective {
    case .dinov2: break
    case .codingRate: centering = .none
    case .features: centering = .standardisation
    }
    students = recipe.students.map {
      StudentShape(name: $0.student.arch, network: .init($0, teacher: frozenTeacher))
    }
    self.frozenTeacher = frozenTeacher
    dropPathRates = frozenTeacher == nil ? recipe.dropPathRates : []
    frozen = FrozenPart(recipe.optim)
    accumulationSteps = recipe.train.accumulationSteps
    ranks = Ranks(world: recipe.train.world, of: place)
    sharding = recipe.train.shardingStrategy
    gathered = recipe.train.paramDtype == .bf16 ? .bf16 : .fp32
    reduced = recipe.train.reduceDtype == .bf16 ? .bf16 : .fp32
    recompute = recipe.train.recompute
  }
}

/// One of the students of a teacher.
package struct StudentShape: Sendable, Equatable {
  /// Its architecture, which tells it apart from the other students.
  package var name: String
  package var network: NetworkShape

  package init(name: String, network: NetworkShape) {
    self.name = name
    self.network = network
  }
}

extension FrozenPart {
  /// What of a recipe's backbone does not learn.
  package init(_ optim: Recipe.Optim) {
    self =
      optim.freezeBackbone
      ? .backbone : optim.freezeBlocks > 0 ? .blocks(optim.freezeBlocks) : .nothing
  }
}

extension ObjectiveShape {
  /// The objective of a recipe.
  fileprivate init(_ recipe: Recipe.Objective) {
    switch recipe.kind {
    case .dinov2: self = .dinov2
    case .codingRate:
      self = .codingRate(
        CodingRate(epsilon: recipe.codingRateEps, weight: recipe.codingRateWeight))
    case .features:
      self = .features(
        FeatureMatching(
          cosineWeight: recipe.featuresCosineWeight,
          smoothL1Weight: recipe.featuresSmoothL1Weight))
    }
  }
}

extension NetworkShape {
  /// The network of a recipe's student.
  ///
  /// - Parameter teacher: a frozen teacher, whose features the heads predict if the objective compares features.
  package init(_ recipe: Recipe, teacher: NetworkShape? = nil) {
    let backbone = BackboneShape(recipe)
    let features = recipe.objective.kind == .features ? teacher?.backbone.embedDim : nil
    self.init(
      backbone: backbone, dinoHead: .dino(recipe, backbone, features: features),
      ibotHead: recipe.ibot.separateHead ? .ibot(recipe, backbone, features: features) : nil)
  }

  /// The width of the output of the head that patches go through.
  package var patchOutputs: Int { (ibotHead ?? dinoHead).outputs }
}

extension BackboneShape {
  /// The backbone of a recipe.
  package init(_ recipe: Recipe) {
    let student = recipe.student
    let architecture = recipe.architecture
    self.init(
      embedDim: architecture.embedDim, depth: architecture.depth, numHeads: architecture.numHeads,
      patchSize: student.patchSize, channels: recipe.data.channels,
      grid: recipe.crops.globalCropsSize / student.patchSize,
      hiddenWidth: architecture.hiddenWidth, isGated: student.ffnLayer.isGated,
      registers: student.numRegisterTokens, layerScale: Float(student.layerscale),
      interpolateAntialias: student.interpolateAntialias,
      interpolateOffset: student.interpolateOffset)
  }
}

extension HeadShape {
  /// The image-level head of a recipe.
  fileprivate static func dino(
    _ recipe: Recipe, _ backbone: BackboneShape, features: Int?
  ) -> HeadShape {
    HeadShape(
      inputs: backbone.embedDim, hidden: recipe.dino.headHiddenDim,
      bottleneck: features ?? recipe.dino.headBottleneckDim,
      prototypes: recipe.hasPrototypes ? recipe.dino.headNPrototypes : 0,
      layers: recipe.dino.headNLayers, isNormalised: features == nil)
  }

  /// The patch-level head of a recipe whose heads are untied.
  fileprivate static func ibot(
    _ recipe: Recipe, _ backbone: BackboneShape, features: Int?
  ) -> HeadShape {
    HeadShape(
      inputs: backbone.embedDim, hidden: recipe.ibot.headHiddenDim,
      bottleneck: features ?? recipe.ibot.headBottleneckDim,
      prototypes: recipe.hasPrototypes ? recipe.ibot.headNPrototypes : 0,
      layers: recipe.ibot.headNLayers, isNormalised: features == nil)
  }
}
