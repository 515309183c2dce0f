import Images
import Support

/// A list of image files. They are decoded anew at each read.
package struct FileList: ImageSource {
  /// The folder; `files` for files without a common folder.
  package let name: String
  /// The paths below the folder, or, without a folder, as they were given.
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
  ///   - labels: the class of each file, an index into `classes`; `nil` if it has none.
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

  package func bytes(_ index: Int) -> Int? { (try? FileSystem.status(path(index)))??.size }

  package func image(_ index: Int, scale: @escaping ScaleChoice) throws -> RGBImage {
    try decode(path: path(index), scale: scale)
  }

  /// Returns the path with which a file is opened.
  package func path(_ index: Int) -> String {
    folder.map { $0 + "/" + files[index] } ?? files[index]
  }
}
