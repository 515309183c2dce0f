import Crops
import Evaluation
import Features
import Images
import Kernels
import Run

/// Makes pictures of some of the probe's images, the same ones at each probe.
///
/// The components are those of the patches of all images whose patches are measured, so that they differ
/// little if one image is left out.
struct ProbePictures {
  private let images: ImageViews
  /// The images that are shown, alone.
  let shown: ImageViews
  /// The places of the images that are shown.
  private let chosen: [Int]
  /// The patches of an image, by rows and columns.
  private let grid: (rows: Int, columns: Int)

  /// - Parameters:
  ///   - images: the images whose features are measured.
  ///   - dense: how many of them, from the first, have their patches measured.
  ///   - count: how many of these are shown, evenly spaced.
  ///   - patch: the side of a patch in pixels.
  init(_ images: any ImageSource, view: EvaluationView, dense: Int, count: Int, patch: Int) {
    self.images = ImageViews(images, view: view)
    let shown = min(count, dense)
    chosen = (0..<shown).map { $0 * dense / shown }
    self.shown = ImageViews(SubsetSource(images, indices: chosen), view: view)
    grid = (view.size.height / patch, view.size.width / patch)
  }

  /// Returns the components of a step; none if the features do not vary.
  ///
  /// - Parameters:
  ///   - rows: the features of all patches of the images that could be read.
  ///   - width: that of a feature.
  ///   - before: the components of the probe before. Their signs are arbitrary, so those are taken that are
  ///     most like them.
  func components(
    _ rows: ProbeReader.Rows, width: Int, step: Int, kernels: any Kernels, before: [ProbePicture]
  ) throws -> [ProbePicture] {
    let all = PatchComponents(threshold: -.infinity)
    guard
      let found = try? all.colours(
        rows.features, rows: grid.rows, columns: grid.columns, embedDim: width, kernels: kernels)
    else { return [] }
    let each = grid.rows * grid.columns
    var pictures: [ProbePicture] = []
    for (number, image) in chosen.enumerated() {
      guard let place = rows.images.firstIndex(of: image) else { continue }
      let colours = found.colours[place * each..<(place + 1) * each]
      let pixels = colours.flatMap { colour in
        (0..<3).map { UInt8(min(max((colour?[$0] ?? 0) * 255, 0), 255)) }
      }
      pictures.append(
        picture(number, .components, step, grid.columns, grid.rows, pixels))
    }
    return pictures.map { $0.turned(Self.flips(pictures, before)) }
  }

  /// Returns how the CLS token attends to patches, in each image from dark for the least attention to light for
  /// the most.
  ///
  /// - Parameter rows: the attention [shown, patches] of the shown images that could be read.
  func attention(_ rows: ProbeReader.Rows, step: Int) -> [ProbePicture] {
    let each = grid.rows * grid.columns
    // Weights that are large but finite may give scores that are not.
    guard rows.features.count == rows.images.count * each, rows.features.allSatisfy(\.isFinite)
    else { return [] }
    return rows.images.enumerated().map { place, number in
      let weights = rows.features[place * each..<(place + 1) * each]
      let (least, most) = (weights.min() ?? 0, weights.max() ?? 0)
      let range = max(most - least, .leastNormalMagnitude)
      return picture(
        number, .attention, step, grid.columns, grid.rows,
        weights.flatMap { Self.heat(($0 - least) / range) })
    }
  }

  /// A colour for a share from 0 to 1: from black over violet and orange to a light yellow, each lighter than
  /// the one before.
  private static func heat(_ share: Float) -> [UInt8] {
    let stops: [SIMD3<Float>] = [
      [0, 0, 8], [84, 16, 110], [188, 55, 84], [249, 142, 9], [252, 255, 164],
    ]
    let place = min(max(share, 0), 1) * Float(stops.count - 1)
    let lower = min(Int(place), stops.count - 2)
    let part = place - Float(lower)
    let colour = stops[lower] * (1 - part) + stops[lower + 1] * part
    return (0..<3).map { UInt8(colour[$0]) }
  }

  /// Returns the images nearest to those that are shown, by the cosine of CLS features, in one row.
  ///
  /// - Parameter rows: the CLS features of the images that could be read.
  func neighbours(_ rows: ProbeReader.Rows, width: Int, step: Int) -> [ProbePicture] {
    chosen.enumerated().compactMap { number, image in
      guard let place = rows.images.firstIndex(of: image) else { return nil }
      let nearest = Self.nearest(to: place, among: rows.features, width: width)
      let found = nearest.compactMap { try? images.picture(rows.images[$0]) }
      guard found.count == Self.neighbourCount else { return nil }
      return .sheet(found, columns: found.count, side: 48, number, .neighbours, step: step)
    }
  }

  /// Returns the prototypes that most images choose, each by the images with the highest logits, in one row.
  ///
  /// - Parameters:
  ///   - rows: the CLS features of the images that could be read.
  ///   - logits: calls a function with the number and the logits of each row.
  func prototypes(
    _ rows: ProbeReader.Rows, step: Int, logits: ((Int, [Float]) -> Void) -> Void
  ) -> [ProbePicture] {
    var choices: [Int: Int] = [:]
    logits { _, values in if let first = Self.highest(values) { choices[first, default: 0] += 1 } }
    let frequent = choices.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
      .prefix(chosen.count).map(\.key)
    var found = [[(row: Int, logit: Float)]](repeating: [], count: frequent.count)
    logits { row, values in
      for (place, prototype) in frequent.enumerated() where values[prototype].isFinite {
        found[place].append((row, values[prototype]))
      }
    }
    return found.enumerated().compactMap { number, all in
      let nearest = all.sorted { $0.logit > $1.logit }.prefix(Self.prototypeCount)
      let pictures = nearest.compactMap { try? images.picture(rows.images[$0.row]) }
      guard pictures.count == Self.prototypeCount else { return nil }
      return .sheet(pictures, columns: pictures.count, side: 48, number, .prototypes, step: step)
    }
  }

  /// The images by which a prototype is pictured.
  private static let prototypeCount = 4

  /// Returns the place of the highest value; `nil` if none is finite.
  private static func highest(_ values: [Float]) -> Int? {
    var (place, most) = (-1, -Float.infinity)
    for (index, value) in values.enumerated() where value > most && value.isFinite {
      (place, most) = (index, value)
    }
    return place < 0 ? nil : place
  }

  /// The neighbours that are pictured.
  private static let neighbourCount = 3

  /// Returns the rows with the highest cosines to one, the nearest first.
  private static func nearest(to row: Int, among features: [Float], width: Int) -> [Int] {
    func dot(_ a: Int, _ b: Int) -> Float {
      (0..<width).reduce(0) { $0 + features[a * width + $1] * features[b * width + $1] }
    }
    let cosines = (0..<features.count / width).map { other in
      (other, dot(row, other) / max(dot(other, other), .leastNormalMagnitude).squareRoot())
    }
    return cosines.filter { $0.0 != row }.sorted { $0.1 > $1.1 }.prefix(neighbourCount).map(\.0)
  }

  /// Returns the images themselves.
  func originals(step: Int) throws -> [ProbePicture] {
    try (0..<shown.count).map { number in
      .sheet(
        [try shown.picture(number)], columns: 1, side: ProbePicture.imageSide, number, .image,
        step: step)
    }
  }

  private func picture(
    _ number: Int, _ kind: ProbePicture.Kind, _ step: Int, _ width: Int, _ height: Int,
    _ pixels: [UInt8]
  ) -> ProbePicture {
    ProbePicture(
      step: step, number: number, kind: kind, width: width, height: height, pixels: pixels)
  }

  /// Returns for each channel whether its complement is more like that of earlier pictures.
  private static func flips(_ pictures: [ProbePicture], _ before: [ProbePicture]) -> [Bool] {
    (0..<3).map { channel in
      var covariance = 0.0
      for picture in pictures {
        guard
          let old = before.first(where: {
            $0.kind == .components && $0.number == picture.number
              && $0.pixels.count == picture.pixels.count
          })
        else { continue }
        let places = stride(from: channel, to: picture.pixels.count, by: 3)
        for place in places {
          covariance +=
            (Double(picture.pixels[place]) - 127.5) * (Double(old.pixels[place]) - 127.5)
        }
      }
      return covariance < 0
    }
  }
}

extension ProbePicture {
  /// Returns the picture with the complement of some channels.
  fileprivate func turned(_ flips: [Bool]) -> ProbePicture {
    var pixels = pixels
    for place in pixels.indices where flips[place % 3] { pixels[place] = 255 - pixels[place] }
    return ProbePicture(
      step: step, number: number, kind: kind, width: width, height: height, pixels: pixels)
  }
}
