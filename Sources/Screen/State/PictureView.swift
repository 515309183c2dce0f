import Run

/// What the panel of pictures shows.
package enum PictureView: String, Sendable, CaseIterable {
  case components, attention, neighbours, prototypes, crops

  /// The pictures of an image, in their order.
  var kinds: [ProbePicture.Kind] {
    switch self {
    case .components: [.image, .components]
    case .attention: [.image, .attention]
    case .neighbours: [.image, .neighbours]
    case .prototypes: [.prototypes]
    case .crops: [.globalCrops, .localCrops]
    }
  }

  /// The picture without which there is nothing to show.
  var main: ProbePicture.Kind { kinds.first { $0 != .image }! }

  /// Returns whether there are pictures to show.
  package func isAmong(_ pictures: [ProbePicture]) -> Bool { pictures.contains { $0.kind == main } }

  /// The title of the panel.
  package var title: String {
    switch self {
    case .components: "patches by their components"
    case .attention: "attention of the CLS token"
    case .neighbours: "nearest neighbours"
    case .prototypes: "prototypes by their images"
    case .crops: "crops of the last batch"
    }
  }

  /// What the pictures mean, in a few words.
  var legend: String {
    switch self {
    case .components: "like colours are like features, across all images"
    case .attention: "the lighter, the more the CLS token attends to it in the last block"
    case .neighbours: "each image, and the three nearest by CLS features"
    case .prototypes: "in fours: a prototype that many images choose, by those nearest to it"
    case .crops: "global and local crops as the student sees them; blue is masked"
    }
  }

  /// The one that follows.
  var next: PictureView {
    let all = Self.allCases
    return all[(all.firstIndex(of: self)! + 1) % all.count]
  }
}
