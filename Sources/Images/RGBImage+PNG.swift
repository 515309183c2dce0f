import CPNG

/// Returns an image encoded as a PNG file, without loss.
package func encodePNG(_ image: RGBImage) -> [UInt8] {
  var header = dino_png_rgb_image(UInt32(image.width), UInt32(image.height))
  let most = dino_png_most_bytes(header)
  return [UInt8](unsafeUninitializedCapacity: most) { bytes, count in
    count = most
    let rowStride = Int32(image.width * 3)
    let done = png_image_write_to_memory(
      &header, bytes.baseAddress, &count, 0, image.pixels, rowStride, nil)
    // The buffer is large enough, so this fails only if libpng cannot allocate memory.
    precondition(done != 0, "PNG encoding failed")
  }
}

extension RGBImage {
  /// Writes the image as a PNG file; an existing file is replaced.
  package func writePNG(path: String) throws(ImageError) {
    try ImageFile.write(encodePNG(self), to: path)
  }
}
