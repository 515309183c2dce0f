import Model
import Objective
import Recipe

/// Everything that decides the engine's memory.
package struct EngineShape: Sendable, Equatable {
  package var students: [StudentShape]
  /// A frozen teacher's network; nil: the teacher is the average of the one student.
  package var frozenTeacher: NetworkShape?
  package var counts: CropCounts
  package var globalCrops: CropGroup
  package var localCrops: CropGroup
  /// The most patches that iBOT compares: those under a batch's masks, or all of them.
  package var maskedPatches: Int
  package var centering: CenteringMethod
  /// Global crops that KoLeo spreads: both, or the first alone.
  package var koleoCrops: Int
  /// Stochastic depth's in each block, which memory is planned by; empty: a batch may compute all.
  package var dropPathRates: [Double] = []
  /// The most micro-batches whose gradients a step accumulates.
  package var accumulationSteps = 1
  /// Keeps no block's activations and computes them again.
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

  /// The network that gives the targets.
  package var teacher: NetworkShape { frozenTeacher ?? network }

  /// How the student comes by its activations.
  var retention: Retention { recompute ? .recomputed : .kept }

  /// The crop groups of a student's pass; a recipe may do without local crops.
  package var studentGroups: [CropGroup] {
    counts.local > 0 ? [globalCrops, localCrops] : [globalCrops]
  }
}

extension EngineShape {
  /// The engine of a recipe whose masks cover up to the given share of a crop; a distillation's has
  /// none, and takes its frozen teacher's network.
  package init(_ recipe: Recipe, maskRatioMax: Double, frozenTeacher: NetworkShape? = nil) {
    let counts = CropCounts(
      images: recipe.train.batchSizePerGPU, localCrops: recipe.crops.localCropsNumber)
    let grid = recipe.crops.globalCropsSize / recipe.student.patchSize
    let masked = Int(Double(counts.global) * recipe.ibot.maskSampleProbability)
    let covered = masked * min(grid * grid, Int(Double(grid * grid) * maskRatioMax) + 1)
    self.init(
      network: NetworkShape(recipe), counts: counts, globalCropsSize: recipe.crops.globalCropsSize,
      localCropsSize: recipe.crops.localCropsSize,
      maskedPatches: frozenTeacher == nil ? covered : counts.global * grid * grid,
      centering: recipe.train.centering == .sinkhornKnopp ? .sinkhornKnopp : .centering,
      koleoCrops: recipe.dino.koleoCrops == .both ? 2 : 1)
    students = recipe.students.map { StudentShape(name: $0.student.arch, network: .init($0)) }
    self.frozenTeacher = frozenTeacher
    dropPathRates = frozenTeacher == nil ? recipe.dropPathRates : []
    accumulationSteps = recipe.train.accumulationSteps
    recompute = recipe.train.recompute
  }
}

/// A student among those of one teacher.
package struct StudentShape: Sendable, Equatable {
  /// What it is called beside others: its architecture.
  package var name: String
  package var network: NetworkShape

  package init(name: String, network: NetworkShape) {
    self.name = name
    self.network = network
  }
}

extension NetworkShape {
  /// The network of a recipe's student.
  package init(_ recipe: Recipe) {
    let backbone = BackboneShape(recipe)
    self.init(
      backbone: backbone, dinoHead: .dino(recipe, backbone),
      ibotHead: recipe.ibot.separateHead ? .ibot(recipe, backbone) : nil)
  }

  /// Prototypes that patches are compared in.
  package var patchPrototypes: Int { (ibotHead ?? dinoHead).prototypes }
}

extension BackboneShape {
  /// The backbone of a recipe.
  package init(_ recipe: Recipe) {
    let student = recipe.student
    let architecture = recipe.architecture
    self.init(
      embedDim: architecture.embedDim, depth: architecture.depth, numHeads: architecture.numHeads,
      patchSize: student.patchSize, grid: recipe.crops.globalCropsSize / student.patchSize,
      hiddenWidth: architecture.hiddenWidth, isGated: student.ffnLayer.isGated,
      registers: student.numRegisterTokens, layerScale: Float(student.layerscale),
      interpolateAntialias: student.interpolateAntialias,
      interpolateOffset: student.interpolateOffset)
  }
}

extension HeadShape {
  /// The image-level head of a recipe.
  fileprivate static func dino(_ recipe: Recipe, _ backbone: BackboneShape) -> HeadShape {
    HeadShape(
      inputs: backbone.embedDim, hidden: recipe.dino.headHiddenDim,
      bottleneck: recipe.dino.headBottleneckDim, prototypes: recipe.dino.headNPrototypes,
      layers: recipe.dino.headNLayers)
  }

  /// The patch-level head of a recipe whose heads are untied.
  fileprivate static func ibot(_ recipe: Recipe, _ backbone: BackboneShape) -> HeadShape {
    HeadShape(
      inputs: backbone.embedDim, hidden: recipe.ibot.headHiddenDim,
      bottleneck: recipe.ibot.headBottleneckDim, prototypes: recipe.ibot.headNPrototypes,
      layers: recipe.ibot.headNLayers)
  }
}
