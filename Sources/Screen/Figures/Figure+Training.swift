#if canImport(Glibc)
  import Glibc
#endif
import Run
import Support

// MARK: What the steps show

extension Figure {
  /// Returns the entropy of a uniform distribution over a run's prototypes, as text.
  private static func chance(_ status: RunStatus) -> (number: String, of: String)? {
    status.prototypes.map {
      (Format.decimals(log(Double($0)), 2), "ln \(Format.count($0))")
    }
  }

  static let losses = [
    Figure(
      [.totalLoss],
      "The sum of the losses below, each with its weight. It is what the student is trained to lower.",
      formula:
        "dino.loss_weight × (local + global) + 2 × koleo + 2 × ibot.loss_weight × ibot, since the "
        + "official log halves the last two",
      otherwise:
        "The total alone does not show whether a run learns: it also falls when every output becomes "
        + "the same. Read it together with the entropy, the effective rank and the probe."
    ) { status in
      status.prototypes.map {
        "with weights of 1 it begins near \(Format.decimals(2 * log(Double($0)), 2)) (2 ln K, by chance)"
      }
    },
    Figure(
      [.dinoLocalCropsLoss, .dinoGlobalCropsLoss],
      "Cross-entropy between the teacher's prototype scores for a global crop and the student's for "
        + "another crop of the same image: a local one, or the other global one.",
      formula:
        "−Σ p_teacher · log p_student; both are shares of one mean over all pairs of crops",
      otherwise:
        "If it stays at what chance gives, the views of an image have nothing in common that can be "
        + "learned: crops are too small, or augmentation hides what matters. If it falls to zero at "
        + "once, look at the entropy: the teacher may choose one prototype for all."
    ) { status in
      chance(status).map { "together from \($0.number) (\($0.of), by chance) downwards" }
    },
    Figure(
      [.koleoLoss],
      "How close the images of a batch are to their nearest neighbours: it spreads the features out.",
      formula:
        "−koleo_loss_weight × mean log (distance to the nearest other CLS token), mean of the crops",
      otherwise:
        "A steep rise means that features of different images become the same. Raise "
        + "koleo_loss_weight, or lower the learning rate."
    ) { _ in "small beside the others, without a trend upwards" },
    Figure(
      [.ibotLoss],
      "The same cross-entropy for single patches: the teacher sees the patch, and the student has to "
        + "say it from those around it, since the patch is masked.",
      formula: "−Σ p_teacher · log p_student, mean over the masked patches, halved",
      otherwise:
        "Images of few patches give it little to do. If it does not fall while the other losses do, "
        + "lower the mask ratio, or the weight of the loss."
    ) { status in
      status.prototypes.map {
        "from \(Format.decimals(log(Double($0)) / 2, 2)) (half of ln K, by chance) downwards"
      }
    },
    Figure(
      [.codingRateLoss],
      "How many directions the images of a batch fill: the objective without prototypes makes it grow.",
      formula: "−γ · ½ ln det (I + p / (n ε) · FᵀF), with the features F of both networks",
      otherwise: "If it rises, features collapse into few directions: raise its weight."
    ) { _ in "falling, then flat" },
  ]

  static let gradients = [
    Figure(
      [.gradNormBackbone, .gradNormDinoHead, .gradNormIbotHead],
      "The length of the gradient of a part of the model before it is clipped.",
      formula: "√Σ g², then scaled down to clip_grad",
      otherwise:
        "Eight times the median is a spike, a hundred times the usual is divergence. Lower the rate "
        + "or clip_grad, or go back: dino rewind."
    ) { _ in "steady; clipping cuts what is above clip_grad" }
  ]

  static let diagnostics = [
    Figure(
      [.teacherEntropy],
      "How evenly the teacher spreads one image over the prototypes, mean over the batch.",
      formula: "−Σ p · ln p over the K prototypes, in nats",
      otherwise:
        "At ln K every image gets the same uniform target and nothing is learned, although losses "
        + "may fall: lower teacher_temp, use more images in a batch, or Sinkhorn-Knopp. Near 0 the "
        + "targets are a single prototype: raise teacher_temp."
    ) { status in
      status.prototypes.map { count in
        let bound = log(Double(count))
        return
          "from \(Format.decimals(0.01 * bound, 2)) to \(Format.decimals(0.998 * bound, 2)): uniform "
          + "targets have ln \(Format.count(count)) = \(Format.decimals(bound, 2))"
      }
    },
    Figure(
      [.prototypesUsed],
      "How many prototypes are the strongest of some image, as a share of the most that a batch could "
        + "have.",
      otherwise:
        "A share that falls to a tenth of its best means that images crowd on few prototypes. "
        + "train.centering: sinkhorn_knopp spreads them; with few images take fewer prototypes."
    ) { _ in "steady or rising" },
    Figure(
      [.prototypesCopied],
      "The share of the prototypes that are a copy of another one: their directions have a cosine above "
        + "0.9. It is measured on 256 of them.",
      otherwise:
        "Copies count as one prototype. If most are copies, take fewer (head_n_prototypes)."
    ) { _ in "near 0" },
    Figure(
      [.batchTwins],
      "The share of a batch's images whose features coincide with those of another one.",
      formula: "closer than 0.001 at unit length",
      otherwise:
        "Copies of an image, or crops without content, such as empty tiles. KoLeo pushes them apart in "
        + "vain. dinod curate removes copies."
    ) { _ in "0" },
    Figure(
      [.targetSpread],
      "How much the teacher's targets differ from image to image, where there are no prototypes.",
      formula: "1 − ‖mean of the targets at unit length‖²",
      otherwise:
        "Near 0, every image has the same target: the head has collapsed, although the features below it "
        + "may still differ, and the alignment looks perfect. Raise objective.coding_rate_weight."
    ) { _ in "steady or rising" },
    Figure(
      [.effectiveRank], "How many directions the features of a batch really use.",
      formula: "exp of the entropy of the normalised singular values",
      otherwise:
        "A fall to a few means that all images look alike to the model: the second kind of collapse. "
        + "Raise koleo_loss_weight or lower the rate."
    ) { status in
      (status.rankBound ?? status.embedDim).map {
        "rising; at most \($0): of the width, and the global crops of a micro-batch less one, the smaller"
      }
    },
    Figure(
      [.agreement],
      "How similar the student's features of one global crop are to the teacher's of the other, less "
        + "what all images have in common.",
      formula: "mean cosine of features less their mean over the batch",
      otherwise:
        "Near 0 late in a run, views of an image have too little in common. Near 1 from the start, "
        + "they differ too little to learn from."
    ) { _ in "rising" },
    Figure(
      [.prototypeAgreement, .klCls, .klPatches],
      "How close a distilled student is to its frozen teacher: the share of images with the same "
        + "prototype, and the divergence of their scores for images and for patches.",
      formula: "KL(teacher ‖ student), in nats",
      otherwise: "If it does not improve any more, the student is as close as its size allows."
    ) { _ in "agreement rising, divergences falling" },
  ]

  static let schedules = [
    Figure(
      [.lr, .lastLayerLr],
      "The learning rate of AdamW: a warm-up, then a cosine. That of the heads' last layers is 0 at first.",
      otherwise:
        "If gradient norms or the loss jump, lower it: dino set lr x0.5. If nothing moves, it may be "
        + "too low for your batch."),
    Figure(
      [.weightDecay], "How strongly AdamW pulls the weights towards zero. It grows over a run.",
      otherwise: "Too much of it shrinks the features; too little lets the weights grow."),
    Figure(
      [.momentumTeacher],
      "How much of itself the teacher keeps at each step; the rest is the student's.",
      formula: "teacher ← m · teacher + (1 − m) · student",
      otherwise:
        "Below 0.9 the teacher follows each step, and both collapse. The shorter a run, the lower it "
        + "may be; the paper's 0.992 is for hundreds of thousands of steps."),
    Figure(
      [.teacherTemp],
      "The temperature of the teacher's softmax: lower is surer. The student's is 0.1.",
      otherwise:
        "If the entropy stays near ln K, lower it. If the entropy is near 0, raise it."),
    Figure(
      [.koleoLossWeight], "The weight of KoLeo in the total.",
      otherwise: "Raise it when features become alike; lower it when it is most of the total."),
    Figure(
      [.clipGrad],
      "The norm to which gradients are cut down, for each part of the model; 0 for never.",
      otherwise: "If norms are above it all the time, it is in effect a lower learning rate."),
    Figure(
      [.maskRatioMin, .maskRatioMax],
      "The range of the share of patches that the student does not see.",
      otherwise: "Small images need less masking, or what is masked cannot be told from the rest."),
  ]
}
