import Crops
import Support

/// Images with classes: what a classifier learns from, or what its accuracy is measured on.
package struct LabelledImages: Sendable {
  package let images: any ImageSource
  /// The class of each image, an index into `classes`.
  package let labels: [Int]
  /// The names of the classes. A set need not have images of all of them.
  package let classes: [String]

  /// The number of images.
  package var count: Int { labels.count }

  package init(_ images: any ImageSource, labels: [Int], classes: [String]) {
    precondition(images.count == labels.count)
    self.images = images
    self.labels = labels
    self.classes = classes
  }

  /// The images of a source that have a class, in the source's order; empty if there are no
  /// labels.
  package init(of source: any ImageSource) {
    let labels = (0..<source.count).map(source.label)
    let labelled = labels.indices.filter { labels[$0] != nil }
    self.init(
      SubsetSource(source, indices: labelled), labels: labels.compactMap(\.self),
      classes: source.classes)
  }

  /// The images of a folder whose subfolders are the classes, as in torchvision's `ImageFolder`.
  /// Decoded images are not cached.
  package init(folder path: String) throws {
    let source = try FileSource(path: path, cacheBytes: 0)
    guard !source.classes.isEmpty else {
      throw FeatureError(
        "\(path): no classes; images must lie in at least two folders, one per class, "
          + "or be listed in a CSV file of file,label given with --labels")
    }
    self.init(of: source)
  }

  /// The files of a folder that a table lists. The classes are sorted by name.
  package init(folder: String, table: LabelTable) throws(FeatureError) {
    let missing = table.rows.filter { !FileSystem.isFile(folder + "/" + $0.file) }
    if let first = missing.first {
      let others = missing.count > 1 ? ", and \(missing.count - 1) more" : ""
      throw FeatureError(
        "\(table.path):\(first.line): there is no file \(first.file) in \(folder)\(others); "
          + "a label must belong to a file")
    }
    let classes = Set(table.rows.map(\.label)).sorted()
    guard classes.count > 1 else {
      throw FeatureError("\(table.path): has only one class; at least two are needed")
    }
    let numbers = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    let labels = table.rows.map { numbers[$0.label]! }
    self.init(
      FileList(
        folder: folder, files: table.rows.map(\.file), labels: labels, classes: classes),
      labels: labels, classes: classes)
  }

  /// Returns the path of an image, including the folder of its data set.
  package func path(_ index: Int) -> String { images.name + "/" + images.key(index) }
}

extension LabelledImages {
  /// Returns the same images with labels that are indices into other classes.
  ///
  /// - Parameters:
  ///   - classes: must contain the name of each class of this set.
  ///   - name: the name of this set in errors.
  package func renumbered(_ classes: [String], name: String) throws(FeatureError) -> Self {
    // Names are bytes; where none has the same, one that only looks the same will do.
    let exact = Dictionary(
      classes.enumerated().map { (ByteText.bytes($1), $0) }, uniquingKeysWith: { first, _ in first }
    )
    let similar = Dictionary(
      classes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let numbers = self.classes.map { exact[ByteText.bytes($0)] ?? similar[$0] }
    let strange = self.classes.indices.filter { numbers[$0] == nil }.map { self.classes[$0] }
    guard strange.isEmpty else {
      throw FeatureError(
        "\(name): its classes \(strange.prefix(3).joined(separator: ", ")) are not among the "
          + "training classes; both must use the same names")
    }
    return LabelledImages(
      images, labels: labels.map { numbers[$0]! }, classes: classes)
  }

  /// Returns some of the images, by their indices.
  package func only(_ indices: [Int]) -> Self {
    LabelledImages(
      SubsetSource(images, indices: indices), labels: indices.map { labels[$0] }, classes: classes)
  }

  /// Splits off about a tenth of each class; see `HoldOut`. The probe of a run and `dinod eval`
  /// hold out the same images of a folder, since both call this.
  package func holdingOut(
    for purpose: HoldOut.Purpose
  ) -> (kept: LabelledImages, held: LabelledImages) {
    let (kept, held) = indicesHoldingOut(for: purpose)
    return (only(kept), only(held))
  }

  /// Returns the indices of the split, ascending.
  package func indicesHoldingOut(for purpose: HoldOut.Purpose) -> (kept: [Int], held: [Int]) {
    HoldOut.split(keys: keys, labels: labels, classes: classes.count, for: purpose)
  }

  /// Returns at most `count` of the images, chosen by `HoldOut.sample`.
  package func sample(_ count: Int) -> Self {
    count < self.count ? only(HoldOut.sample(count, of: keys)) : self
  }

  private var keys: [String] { (0..<count).map(images.key) }
}
