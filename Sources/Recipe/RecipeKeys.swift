import Settings

extension RecipeKeys {
  static let official =
    dino + ibot + train + student + teacher + optim + crops

  private static let tied = "ibot.separate_head is false: the dino head serves both"

  private static let noPrototypes = "objective.kind is not dinov2, so there are no prototypes"
  private static let isPredicted =
    "objective.kind is features, whose heads are as wide as the teacher"
  private static let isUnmasked = "a distillation masks nothing"
  private static let isWhole = "a distillation computes every block of its students"

  private static let dino: [RecipeKey] = [
    .float("dino.loss_weight", \.dino.lossWeight, .atLeast(0), "weight of the image-level loss"),
    .int(
      "dino.head_n_prototypes", \.dino.headNPrototypes, .from(2, to: 16_777_216),
      "prototypes of the head, the length of its output"
    ).unused(noPrototypes) { !$0.hasPrototypes },
    .int(
      "dino.head_bottleneck_dim", \.dino.headBottleneckDim, .from(1, to: 65536),
      "bottleneck width of the head, in which prototypes are compared"
    ).unused(isPredicted) { $0.objective.kind == .features },
    .int("dino.head_nlayers", \.dino.headNLayers, .from(1, to: 16), "linear layers of the head"),
    .int(
      "dino.head_hidden_dim", \.dino.headHiddenDim, .from(1, to: 65536), "hidden width of the head"),
    .float(
      "dino.koleo_loss_weight", \.dino.koleoLossWeight, .atLeast(0),
      "weight of the KoLeo loss, which spreads the features of a batch; 0: off"),
    .choice(
      "dino.koleo_crops", \.dino.koleoCrops,
      "global crops that KoLeo spreads; both: official code, first: paper"
    ).ours.unused("dino.koleo_loss_weight is 0") { $0.dino.koleoLossWeight == 0 },
  ]

  private static let ibot: [RecipeKey] = [
    .float("ibot.loss_weight", \.ibot.lossWeight, .atLeast(0), "weight of the patch-level loss"),
    .float(
      "ibot.mask_sample_probability", \.ibot.maskSampleProbability, .from(0, to: 1),
      "share of the global crops that are masked"
    ).unused(isUnmasked) { $0.isDistilled },
    .pair(
      "ibot.mask_ratio_min_max", \.ibot.maskRatioMin, \.ibot.maskRatioMax, .from(0, to: 1),
      "share of a masked crop's patches that are hidden"
    ).unused(isUnmasked) { $0.isDistilled },
    .bool(
      "ibot.separate_head", \.ibot.separateHead,
      "use a separate head for patches; false: the dino head serves both"),
    .int(
      "ibot.head_n_prototypes", \.ibot.headNPrototypes, .from(2, to: 16_777_216),
      "prototypes of the patch head, if it is separate"
    ).unused(tied) { !$0.ibot.separateHead }.unused(noPrototypes) { !$0.hasPrototypes },
    .int(
      "ibot.head_bottleneck_dim", \.ibot.headBottleneckDim, .from(1, to: 65536),
      "bottleneck width of the patch head, if it is separate"
    ).unused(tied) { !$0.ibot.separateHead }.unused(isPredicted) { $0.objective.kind == .features },
    .int(
      "ibot.head_nlayers", \.ibot.headNLayers, .from(1, to: 16),
      "linear layers of the patch head, if it is separate"
    ).unused(tied) { !$0.ibot.separateHead },
    .int(
      "ibot.head_hidden_dim", \.ibot.headHiddenDim, .from(1, to: 65536),
      "hidden width of the patch head, if it is separate"
    ).unused(tied) { !$0.ibot.separateHead },
  ]

  private static let train: [RecipeKey] = [
    .int(
      "train.batch_size_per_gpu", \.train.batchSizePerGPU, .from(1, to: 65536),
      "images per batch of a rank"),
    .int(
      "train.accumulation_steps", \.train.accumulationSteps, .from(1, to: 65536),
      "batches per step, whose gradients are averaged"
    ).ours,
    .int(
      "train.world", \.train.world, .from(1, to: 65536),
      "ranks, each with a batch of its own, like GPUs of the official code; processes share them"
    ).ours,
    .choice(
      "train.sharding_strategy", \.train.shardingStrategy,
      "how processes divide parameters and moments; the result is the same"
    ).ours,
    .choice(
      "train.param_dtype", \.train.paramDtype,
      "how processes send parameters that are divided; bf16: half the bytes, rounded"
    ).ours,
    .choice(
      "train.reduce_dtype", \.train.reduceDtype,
      "how processes send gradients; bf16: half the bytes, bits depend on their number"
    ).ours,
    .int(
      "train.seed", \.train.seed, .from(0, to: 0x20_0000_0000_0000),
      "seed of all random numbers"),
    .int(
      "train.num_workers", \.train.numWorkers, .from(0, to: 1024),
      "threads that prepare crops; 0: one per core"),
    .int(
      "train.OFFICIAL_EPOCH_LENGTH", \.train.officialEpochLength, .from(1, to: 1_000_000_000),
      "steps that count as one epoch"),
    .choice(
      "train.centering", \.train.centering,
      "how the teacher's targets are kept from collapsing onto one prototype"
    ).unused(noPrototypes) { !$0.hasPrototypes },
    .choice(
      "train.compute_precision", \.train.computePrecision,
      "precision of matrix products; auto: bf16 if the processor has units for it"
    ).ours,
    .bool(
      "train.recompute", \.train.recompute,
      "keep no activations and compute each block again: less memory, the same result, slower"
    ).ours,
  ]

  private static let student: [RecipeKey] = [
    .choice(
      "student.arch", \.student.arch, of: Recipe.Architecture.names,
      "the vision transformer; custom: given by embed_dim, depth and num_heads"
    ).unused("distillation.arch names the students") { $0.namesStudents },
    .int(
      "student.embed_dim", \.student.embedDim, .from(0, to: 65536),
      "width of a token; 0: that of arch"
    ).ours,
    .int(
      "student.depth", \.student.depth, .from(0, to: 1024),
      "blocks; 0: that of arch"
    ).ours,
    .int(
      "student.num_heads", \.student.numHeads, .from(0, to: 1024),
      "attention heads; 0: that of arch"
    ).ours,
    .int("student.patch_size", \.student.patchSize, .from(1, to: 1024), "side of a patch, pixels"),
    .float(
      "student.drop_path_rate", \.student.dropPathRate, .from(0, below: 1),
      "stochastic depth: share of the batch that skips a residual branch"
    ).unused(isWhole) { $0.isDistilled },
    .bool(
      "student.drop_path_uniform", \.student.dropPathUniform,
      "the same rate in every block; false: rising linearly from 0 to it in the last"
    ).unused(isWhole) { $0.isDistilled },
    .float(
      "student.layerscale", \.student.layerscale, .above(0), "initial value of LayerScale"),
    .choice(
      "student.ffn_layer", \.student.ffnLayer,
      "feed-forward layer; swiglu and swiglufused are the same"),
    .int(
      "student.block_chunks", \.student.blockChunks, .from(0, to: 1024),
      "groups of blocks in the official names of exported tensors: blocks.GROUP.BLOCK; 0: none"),
    .int(
      "student.num_register_tokens", \.student.numRegisterTokens, .from(0, to: 1024),
      "number of register tokens"),
    .bool(
      "student.interpolate_antialias", \.student.interpolateAntialias,
      "smooth the positions when they are resized to a smaller grid"),
    .float(
      "student.interpolate_offset", \.student.interpolateOffset, .from(0, below: 1),
      "added to the grid when positions are resized, against rounding; 0: resize by size"),
    .text(
      "student.pretrained_weights", \.student.pretrainedWeights,
      "initial weights of a new run: a file, a folder or a run's name; empty: random"),
  ]

  private static let teacher: [RecipeKey] = [
    .float(
      "teacher.momentum_teacher", \.teacher.momentumTeacher, .above(0, to: 1),
      "momentum of the student's average, the teacher, at the start"),
    .float(
      "teacher.final_momentum_teacher", \.teacher.finalMomentumTeacher, .above(0, to: 1),
      "momentum of the average at the end, reached by a cosine"),
    .float(
      "teacher.warmup_teacher_temp", \.teacher.warmupTeacherTemp, .from(0.001, to: 1),
      "temperature of the teacher's targets at the start"
    ).unused(noPrototypes) { !$0.hasPrototypes },
    .float(
      "teacher.teacher_temp", \.teacher.teacherTemp, .from(0.001, to: 1),
      "temperature after the warm-up"
    ).unused(noPrototypes) { !$0.hasPrototypes },
    .float(
      "teacher.warmup_teacher_temp_epochs", \.teacher.warmupTeacherTempEpochs,
      .from(0, to: 1_000_000), "epochs in which the temperature rises linearly"
    ).unused(noPrototypes) { !$0.hasPrototypes },
  ]

  private static let optim: [RecipeKey] = [
    .float(
      "optim.epochs", \.optim.epochs, .above(0, to: 1_000_000),
      "length of the run, in epochs of OFFICIAL_EPOCH_LENGTH steps"),
    .float("optim.weight_decay", \.optim.weightDecay, .atLeast(0), "weight decay at the start"),
    .float(
      "optim.weight_decay_end", \.optim.weightDecayEnd, .atLeast(0),
      "weight decay at the end, reached by a cosine"),
    .float(
      "optim.base_lr", \.optim.baseLr, .above(0, to: 100),
      "highest learning rate, before scaling_rule"),
    .float(
      "optim.warmup_epochs", \.optim.warmupEpochs, .from(0, to: 1_000_000),
      "epochs in which the learning rate rises from 0"),
    .float(
      "optim.min_lr", \.optim.minLr, .from(0, to: 100),
      "learning rate at the end, reached by a cosine"),
    .float(
      "optim.clip_grad", \.optim.clipGrad, .atLeast(0),
      "largest gradient norm of the backbone and of each head; 0: no clipping"),
    .float(
      "optim.skip_step_factor", \.optim.skipStepFactor, .atLeast(0),
      "a step is skipped if a gradient norm is so many times its median of 100 steps; 0: none is"
    ).ours,
    .float(
      "optim.freeze_last_layer_epochs", \.optim.freezeLastLayerEpochs, .from(0, to: 1_000_000),
      "epochs in which the prototypes are frozen"
    ).unused(noPrototypes) { !$0.hasPrototypes },
    .bool(
      "optim.freeze_backbone", \.optim.freezeBackbone,
      "the heads alone learn; the moments begin anew in the phase after, in which all does"
    ).ours,
    .int(
      "optim.freeze_blocks", \.optim.freezeBlocks, .from(0, to: 1024),
      "first blocks that do not learn, nor does the embedding before them; 0: all learn"
    ).ours.unused("optim.freeze_backbone is true") { $0.optim.freezeBackbone },
    .choice(
      "optim.scaling_rule", \.optim.scalingRule,
      "sqrt_wrt_1024: base_lr x sqrt(images in a step / 1024); none (ours): base_lr as it is"),
    .float(
      "optim.patch_embed_lr_mult", \.optim.patchEmbedLrMult, .atLeast(0),
      "factor on the patch embedding's learning rate"),
    .float(
      "optim.layerwise_decay", \.optim.layerwiseDecay, .above(0, to: 1),
      "factor on the learning rate for each block further from the end"),
    .float("optim.adamw_beta1", \.optim.adamwBeta1, .from(0, below: 1), "AdamW's beta 1"),
    .float("optim.adamw_beta2", \.optim.adamwBeta2, .from(0, below: 1), "AdamW's beta 2"),
  ]

  private static let noLocalCrops = "crops.local_crops_number is 0"

  private static let crops: [RecipeKey] = [
    .pair(
      "crops.global_crops_scale", \.crops.globalCropsScaleMin, \.crops.globalCropsScaleMax,
      .above(0, to: 1), "share of the image that a global crop covers"),
    .int(
      "crops.local_crops_number", \.crops.localCropsNumber, .from(0, to: 64),
      "local crops of each image"),
    .pair(
      "crops.local_crops_scale", \.crops.localCropsScaleMin, \.crops.localCropsScaleMax,
      .above(0, to: 1), "share of the image that a local crop covers"
    ).unused(noLocalCrops) { $0.crops.localCropsNumber == 0 },
    .int(
      "crops.global_crops_size", \.crops.globalCropsSize, .from(1, to: 4096),
      "side of a global crop, pixels; a multiple of student.patch_size"),
    .int(
      "crops.local_crops_size", \.crops.localCropsSize, .from(1, to: 4096),
      "side of a local crop, pixels; a multiple of student.patch_size"
    ).unused(noLocalCrops) { $0.crops.localCropsNumber == 0 },
  ]
}
