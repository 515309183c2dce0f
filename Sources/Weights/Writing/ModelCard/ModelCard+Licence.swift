extension ModelCard {
  /// Whether the weights learnt from others, which their licence then applies to.
  private var isDistilled: Bool { export.recipe?.isDistilled == true }
  /// Whether training began with others.
  private var isContinued: Bool { export.recipe?.student.pretrainedWeights.isEmpty == false }

  /// The lines of the card's metadata that name the licence of the weights' origin.
  var licenceLines: [String] { known?.lines ?? [] }

  /// The origin's licence: the one that it names, or, of a backbone of DINOv3, that of Meta's weights.
  private var known: Licence? {
    export.origin.flatMap { $0.licence ?? ($0.isDINOv3 ? .dinov3 : nil) }
  }

  /// The section about the licence of the origin. Empty if nothing is known of one.
  var licence: [String] {
    guard let origin = export.origin, isDistilled || known != nil else { return [] }
    let from =
      (isDistilled ? "Distilled from" : isContinued ? "Training began with" : "Made of")
      + " \(origin.name)"
    let applies =
      "applies to \(isDistilled ? "what is distilled from those weights" : "these weights"), too"
    let text =
      if let licence = origin.licence {
        "\(from), whose licence is \(licence.text). It \(applies): read it before you use or pass them on."
      } else if origin.isDINOv3 {
        "\(from), a backbone of DINOv3. No file beside it names its licence; Meta's weights of DINOv3 are under "
          + "\(Licence.dinov3.text), which \(applies): read it before you use or pass them on."
      } else {
        "\(from). No file beside it names its licence; if it has one, that \(applies)."
      }
    return ["## Licence", text]
  }
}
