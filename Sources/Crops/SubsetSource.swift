import Images

/// Some of the images of another source.
package struct SubsetSource: ImageSource {
  private let source: any ImageSource
  private let indices: [Int]

  /// - Parameter indices: the indices of the images in `source`, in the order of the subset.
  package init(_ source: any ImageSource, indices: [Int]) {
    if let subset = source as? SubsetSource {
      self.source = subset.source
      self.indices = indices.map { subset.indices[$0] }
    } else {
      self.source = source
      self.indices = indices
    }
  }

  package var name: String { source.name }
  package var count: Int { indices.count }
  package var classes: [String] { source.classes }
  package var notices: [SourceNotice] { source.notices }

  package func key(_ index: Int) -> String { source.key(indices[index]) }
  package func label(_ index: Int) -> Int? { source.label(indices[index]) }
  package func bytes(_ index: Int) -> Int? { source.bytes(indices[index]) }
  package func image(_ index: Int, scale: @escaping ScaleChoice) throws -> RGBImage {
    try source.image(indices[index], scale: scale)
  }
  package func samples(
    _ index: Int, format: SampleFormat, scale: @escaping ScaleChoice
  ) throws -> SampleImage {
    try source.samples(indices[index], format: format, scale: scale)
  }
}
