/// Reads images ahead on its own threads and passes them on in batches. Every computation of
/// features uses this loop.
package struct PixelBatches {
  package let source: any PixelSource
  /// The most images in a batch.
  package let size: Int
  /// The most images that are read ahead.
  package let ahead: Int
  /// The number of threads that read and decode.
  package let threads: Int

  package init(_ source: any PixelSource, size: Int, ahead: Int, threads: Int) {
    self.source = source
    self.size = size
    self.ahead = ahead
    self.threads = threads
  }

  /// Reads all images in order and returns those that cannot be read. Throws if none can be read.
  ///
  /// - Parameters:
  ///   - stage: takes the pixels of an image, [channels, H, W], which are valid during the call.
  ///   - finish: called when a batch is full, and at the end if images are left.
  ///   - images: the indices of the images that were staged since the last call.
  ///   - done: the number of images of the source that were tried so far.
  package func forEach(
    stage: (UnsafeBufferPointer<Float>) -> Void,
    finish: (_ images: [Int], _ done: Int) throws -> Void
  ) throws -> [PixelLoader.Problem] {
    let loader = PixelLoader(source, ahead: ahead, threads: threads)
    defer { loader.stop() }
    var images: [Int] = []
    while let (index, pixels) = loader.next() {
      stage(pixels)
      images.append(index)
      if images.count == size {
        try finish(images, index + 1)
        images.removeAll(keepingCapacity: true)
      }
    }
    let problems = loader.problems
    guard problems.count < source.count else {
      throw FeatureError(
        "none of the \(source.count) images can be read; the first: "
          + (problems.first?.reason ?? "none"),
        isOutage: problems.contains(where: \.isOutage))
    }
    if !images.isEmpty { try finish(images, source.count) }
    return problems
  }
}
