/// The loop that every computation of features runs: it reads images ahead on threads of its own
/// and hands them over batch by batch.
package struct PixelBatches {
  package let source: any PixelSource
  /// Images of a batch at most.
  package let size: Int
  /// Images that are read ahead at most.
  package let ahead: Int
  /// Threads that read and decode.
  package let threads: Int

  package init(_ source: any PixelSource, size: Int, ahead: Int, threads: Int) {
    self.source = source
    self.size = size
    self.ahead = ahead
    self.threads = threads
  }

  /// Reads all images in their order and returns those that cannot be read. Throws where none can.
  ///
  /// - Parameters:
  ///   - stage: takes the pixels of an image, [3, H, W], which are lent for the call.
  ///   - finish: called once a batch is full, and at the end if images are left.
  ///   - images: the indices of the images that were staged since the last call.
  ///   - done: how many images of the source have been looked at.
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
          + (problems.first?.reason ?? "none"))
    }
    if !images.isEmpty { try finish(images, source.count) }
    return problems
  }
}
