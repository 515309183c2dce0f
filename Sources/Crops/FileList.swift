import Images

/// Image files that are listed, not searched for. Every read decodes the file anew.
package struct FileList: ImageSource {
  /// The folder, or `files` where the paths stand for themselves.
  package let name: String
  /// Paths below the folder, or paths that stand for themselves.
  package let files: [String]
  package let classes: [String]
  private let labels: [Int?]
  private let folder: String?

  /// Files without labels.
  ///
  /// - Parameter paths: absolute, or relative to the working directory.
  package init(_ paths: [String]) {
    name = "files"
    files = paths
    classes = []
    labels = []
    folder = nil
  }

  /// Files of a folder with their classes.
  ///
  /// - Parameters:
  ///   - files: paths below the folder.
  ///   - labels: the class of each file, an index into `classes`, or nil.
  package init(folder: String, files: [String], labels: [Int?], classes: [String]) {
    precondition(files.count == labels.count)
    name = folder
    self.files = files
    self.labels = labels
    self.classes = classes
    self.folder = folder
  }

  package var count: Int { files.count }

  package func key(_ index: Int) -> String { files[index] }
  package func label(_ index: Int) -> Int? { labels.isEmpty ? nil : labels[index] }

  package func image(_ index: Int, scale: @escaping ScaleChoice) throws -> RGBImage {
    try decode(path: path(index), scale: scale)
  }

  /// The path with which a file is opened.
  package func path(_ index: Int) -> String {
    folder.map { $0 + "/" + files[index] } ?? files[index]
  }
}
