import Crops

/// Image files with classes.
package struct LabelledFiles: Sendable, Equatable {
  package private(set) var files: [String]
  /// The class of each file, a number in 0 ..< classes.count.
  package private(set) var labels: [Int]
  /// In the order of their names.
  package let classes: [String]

  package init(files: [String], labels: [Int], classes: [String]) {
    precondition(files.count == labels.count)
    self.files = files
    self.labels = labels
    self.classes = classes
  }

  /// A folder whose folders are the classes, as torchvision's `ImageFolder` has it.
  package init(folder path: String) throws {
    let source = try FolderSource(path: path)
    guard !source.classes.isEmpty else {
      throw EvaluationError(
        "\(path): no classes to judge by; images lie in at least two folders, one a class, "
          + "or --labels names a CSV file of file,label")
    }
    let labelled = (0..<source.count).filter { source.label($0) != nil }
    self.init(
      files: labelled.map(source.path), labels: labelled.map { source.label($0)! },
      classes: source.classes)
  }

  /// Files that a table names, relative to a folder.
  package init(folder: String, table: LabelTable) throws(EvaluationError) {
    let missing = table.rows.filter { !isFile(folder + "/" + $0.file) }
    if let first = missing.first {
      let others = missing.count > 1 ? ", and \(missing.count - 1) more" : ""
      throw EvaluationError(
        "\(table.path):\(first.line): there is no file \(first.file) in \(folder)\(others); "
          + "a label must belong to a file")
    }
    let classes = Set(table.rows.map(\.label)).sorted()
    guard classes.count > 1 else {
      throw EvaluationError("\(table.path): has only one class; there is nothing to tell apart")
    }
    let numbers = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    self.init(
      files: table.rows.map { folder + "/" + $0.file },
      labels: table.rows.map { numbers[$0.label]! }, classes: classes)
  }

  /// The same images in other numbers: those of `classes`, which must have all of them.
  package func renumbered(_ classes: [String], name: String) throws(EvaluationError) -> Self {
    let numbers = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    let strange = self.classes.filter { numbers[$0] == nil }
    guard strange.isEmpty else {
      throw EvaluationError(
        "\(name): its classes \(strange.prefix(3).joined(separator: ", ")) are not among those "
          + "that are learned from; both must have the same names")
    }
    return LabelledFiles(
      files: files, labels: labels.map { numbers[self.classes[$0]]! }, classes: classes)
  }

  /// Some of the images.
  package func only(_ places: [Int]) -> Self {
    LabelledFiles(
      files: places.map { files[$0] }, labels: places.map { labels[$0] }, classes: classes)
  }
}
