import Engine
import Images
import Recipe
import Run

/// Pictures of a batch's crops as the student is given them: with their colours changed, and with patches under
/// the mask in blue.
package struct CropPictures {
  private let channels: Int
  private let mean: [Float]
  private let std: [Float]
  private let patch: Int
  /// The side of a global crop and of a local one, in pixels.
  private let sides: (global: Int, local: Int)
  private let images: Int

  /// - Parameter recipe: that of the phase whose crops they are.
  package init(_ recipe: Recipe) {
    channels = recipe.data.channels
    mean = recipe.data.mean.map(Float.init)
    std = recipe.data.std.map(Float.init)
    patch = recipe.student.patchSize
    sides = (recipe.crops.globalCropsSize, recipe.crops.localCropsSize)
    images = recipe.train.batchSizePerGPU
  }

  /// Returns the global crops of an image of a micro-batch, with their masks.
  package func globalCrops(_ input: StepInput, image: Int) -> [RGBImage] {
    stride(from: image, to: 2 * images, by: images).map { crop in
      var picture = picture(input.globalCrops, sides.global, crop)
      if let masks = input.masks { hide(masks, crop, in: &picture) }
      return picture
    }
  }

  /// Returns the local crops of an image of a micro-batch.
  package func localCrops(_ input: StepInput, image: Int) -> [RGBImage] {
    let each = channels * sides.local * sides.local
    let count = each == 0 ? 0 : input.localCrops.count / each
    return stride(from: image, to: count, by: images).map {
      picture(input.localCrops, sides.local, $0)
    }
  }

  /// The local crops of an image that a small picture has room for.
  private static let mostLocal = 16

  /// Returns small pictures of the first images of a micro-batch.
  func small(_ input: StepInput, count: Int, step: Int) -> [ProbePicture] {
    (0..<min(count, images)).flatMap { image in
      let local = Array(localCrops(input, image: image).prefix(Self.mostLocal))
      let columns = local.count > 3 ? (local.count + 1) / 2 : local.count
      return [
        ProbePicture.sheet(
          globalCrops(input, image: image), columns: 2, side: ProbePicture.imageSide, image,
          .globalCrops,
          step: step)
      ]
        + (local.isEmpty
          ? []
          : [
            .sheet(
              local, columns: columns, side: ProbePicture.imageSide / 2, image, .localCrops,
              step: step)
          ])
    }
  }

  /// Returns a crop as a person sees it, [channels, side, side] of the crops' values.
  private func picture(_ crops: [Float], _ side: Int, _ number: Int) -> RGBImage {
    let plane = side * side
    let first = number * channels * plane
    var values = [Float](repeating: 0, count: channels * plane)
    for channel in 0..<channels {
      for index in channel * plane..<(channel + 1) * plane {
        values[index] = crops[first + index] * std[channel] + mean[channel]
      }
    }
    return SampleImage(width: side, height: side, values: values).picture()
  }

  /// What stands for a patch that the student is not shown: a blue, since crops may be grey.
  package static let hidden: [UInt8] = [36, 56, 120]

  private func hide(_ masks: [Int32], _ crop: Int, in picture: inout RGBImage) {
    let columns = sides.global / patch
    for index in 0..<columns * columns where masks[crop * columns * columns + index] != 0 {
      let (left, top) = (index % columns * patch, index / columns * patch)
      for y in top..<top + patch {
        for x in left..<left + patch {
          let place = (y * picture.width + x) * 3
          picture.pixels.replaceSubrange(place..<place + 3, with: Self.hidden)
        }
      }
    }
  }
}
