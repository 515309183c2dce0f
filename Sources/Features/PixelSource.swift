import Images
import Store

/// Where the pixels of images come from that are to be embedded; any thread may call.
package protocol PixelSource: Sendable {
  var count: Int { get }
  /// Of every image, in pixels.
  var size: ImageSize { get }
  /// An image's file, or what tells it from the others.
  func name(_ index: Int) -> String
  /// Writes an image's normalised pixels, [3, H, W]. Throws where it cannot be read.
  func read(_ index: Int, into pixels: UnsafeMutableBufferPointer<Float>) throws
}

/// The evaluation view of image files.
package struct ImageFiles: PixelSource {
  package let files: [String]
  package let view: EvaluationView

  package init(_ files: [String], view: EvaluationView) {
    self.files = files
    self.view = view
  }

  package var count: Int { files.count }
  package var size: ImageSize { view.size }
  package func name(_ index: Int) -> String { files[index] }

  package func read(_ index: Int, into pixels: UnsafeMutableBufferPointer<Float>) throws {
    try picture(index).normalised(mean: view.mean, std: view.std, into: pixels)
  }

  /// What is seen of an image.
  package func picture(_ index: Int) throws(ImageError) -> RGBImage {
    view.picture(try decode(path: files[index]))
  }
}

/// Pixels that somebody else has prepared: a safetensors file's `pixels` or `pixel_values`,
/// [n, 3, H, W], normalised. So two programs can be compared on the very same input.
package struct PixelFile: PixelSource {
  private let file: SafetensorsFile
  private let tensor: TensorInfo
  package let size: ImageSize

  package init(path: String, patch: Int) throws {
    file = try SafetensorsFile(path: path)
    guard let tensor = file["pixels"] ?? file["pixel_values"] else {
      throw EvaluationError("\(path): has no tensor 'pixels' or 'pixel_values' [n, 3, H, W]")
    }
    let shape = tensor.shape
    guard shape.count == 4, shape[0] > 0, shape[1] == 3 else {
      throw EvaluationError(
        "\(path): \(tensor.name) has shape \(shape); images are [n, 3, H, W]")
    }
    do {
      // A view's rules, of which these pixels are the outcome.
      size = try EvaluationView(
        size: ImageSize(width: shape[3], height: shape[2]), patch: patch, mean: [], std: []
      ).size
    } catch {
      throw EvaluationError("\(path): \(error)")
    }
    self.tensor = tensor
  }

  package var count: Int { tensor.shape[0] }
  package func name(_ index: Int) -> String { "\(file.path)#\(index)" }

  package func read(_ index: Int, into pixels: UnsafeMutableBufferPointer<Float>) throws {
    let each = 3 * size.width * size.height
    try file.copyFloats(tensor.name, index * each..<(index + 1) * each, into: pixels)
  }
}
