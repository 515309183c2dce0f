import Crops
import Images
import Store

/// A source of prepared images, the input of a network. Any thread may call.
package protocol PixelSource: Sendable {
  /// The number of images.
  var count: Int { get }
  /// The channels of every image.
  var channels: Int { get }
  /// The size of every image, in pixels.
  var size: ImageSize { get }
  /// Returns the name of an image: its file, or whatever else identifies it.
  func name(_ index: Int) -> String
  /// Writes the normalised pixels of an image, [channels, H, W]. Throws if it cannot be read.
  func read(_ index: Int, into pixels: UnsafeMutableBufferPointer<Float>) throws
}

extension PixelSource {
  /// The numbers of an image.
  var elements: Int { channels * size.width * size.height }
}

/// The images of a data set, prepared by an evaluation view.
package struct ImageViews: PixelSource {
  private let images: any ImageSource
  private let view: EvaluationView

  package init(_ images: any ImageSource, view: EvaluationView) {
    self.images = images
    self.view = view
  }

  package var count: Int { images.count }
  package var channels: Int { view.mean.count }
  package var size: ImageSize { view.size }
  package func name(_ index: Int) -> String { images.key(index) }

  package func read(_ index: Int, into pixels: UnsafeMutableBufferPointer<Float>) throws {
    try input(index).normalised(mean: view.mean, std: view.std, into: pixels)
  }

  /// Returns an image as a person sees what the network is given.
  package func picture(_ index: Int) throws -> RGBImage { try input(index).picture() }

  /// Returns an image as the network is given it, before its pixels are normalised.
  private func input(_ index: Int) throws -> any InputImage {
    func prepared(_ image: some InputImage) -> any InputImage { view.picture(image) }
    return prepared(try images.input(index, view.format, scale: view.scale))
  }
}

/// Pixels that another program has prepared: the tensor `pixels` or `pixel_values` of a safetensors
/// file, [n, channels, H, W], normalised. They let two programs be compared on exactly the same input.
package struct PixelFile: PixelSource {
  private let file: SafetensorsFile
  private let tensor: TensorInfo
  package let size: ImageSize

  /// Opens a file. Throws if it has no such tensor, or if the size of the images is not a multiple
  /// of `patch`, the side of a patch in pixels.
  ///
  /// - Parameter channels: the channels that the images must have.
  package init(path: String, channels: Int, patch: Int) throws {
    file = try SafetensorsFile(path: path)
    guard let tensor = file["pixels"] ?? file["pixel_values"] else {
      throw FeatureError("\(path): has no tensor 'pixels' or 'pixel_values' [n, \(channels), H, W]")
    }
    let shape = tensor.shape
    guard shape.count == 4, shape[0] > 0, shape[1] == channels else {
      throw FeatureError(
        "\(path): \(tensor.name) has shape \(shape); images are [n, \(channels), H, W]")
    }
    do {
      // The pixels must have a size that a view could have, too.
      size = try EvaluationView(
        size: ImageSize(width: shape[3], height: shape[2]), patch: patch, mean: [], std: []
      ).size
    } catch {
      throw FeatureError("\(path): \(error)")
    }
    self.tensor = tensor
  }

  package var count: Int { tensor.shape[0] }
  package var channels: Int { tensor.shape[1] }
  package func name(_ index: Int) -> String { "\(file.path)#\(index)" }

  package func read(_ index: Int, into pixels: UnsafeMutableBufferPointer<Float>) throws {
    let each = elements
    try file.copyFloats(tensor.name, index * each..<(index + 1) * each, into: pixels)
  }
}
