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
  /// The places of the images that are shown.
  private let chosen: [Int]
  /// The patches of an image, by rows and columns.
  private let grid: (rows: Int, columns: Int)

  /// - Parameters:
  ///   - images: the images whose patches are measured.
  ///   - count: how many of them are shown, evenly spaced.
  ///   - patch: the side of a patch in pixels.
  init(_ images: ImageViews, count: Int, patch: Int) {
    self.images = images
    let shown = min(count, images.count)
    chosen = (0..<shown).map { $0 * images.count / shown }
    grid = (images.size.height / patch, images.size.width / patch)
  }

  /// Returns the pictures of a step; none if the features do not vary.
  ///
  /// - Parameters:
  ///   - rows: the features of all patches of the images that could be read.
  ///   - width: that of a feature.
  ///   - before: the components of the probe before. Their signs are arbitrary, so those are taken that are
  ///     most like them.
  func make(
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

  /// Returns the images themselves.
  func originals(step: Int) throws -> [ProbePicture] {
    try chosen.enumerated().map { number, image in
      let whole = try images.picture(image)
      let scale = min(1, Double(ProbePicture.mostPixels) / Double(max(whole.width, whole.height)))
      let (width, height) = (Int(Double(whole.width) * scale), Int(Double(whole.height) * scale))
      let small = whole.resized(toWidth: max(width, 1), toHeight: max(height, 1))
      return picture(number, .image, step, small.width, small.height, small.pixels)
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
            $0.number == picture.number && $0.pixels.count == picture.pixels.count
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
