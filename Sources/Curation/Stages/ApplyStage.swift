import Crops
import Images
import Support

/// Writes the images that are left: as a list file, and if asked as a folder of links or copies.
enum ApplyStage: Stage {
  static let name = StageName.apply

  /// It is quick, and a result that is gone or was changed is written again.
  static let isIncremental = true

  static func run(_ context: CurationContext) throws -> String {
    let images = try context.catalogue.images(keptAfter: .balance)
    guard !images.isEmpty else {
      throw CatalogueError.failed(
        path: context.pool.path,
        detail: "no image is left\(try reason(context)); see dinod curate status")
    }
    let place = try ResultPlace(context)
    let blur = context.plan.apply.blur
    let boxes = try blur.isEmpty ? .none : BlurBoxes(path: blur)
    if let unused = boxes.unused(images.map(\.file)) { context.observer.noticed(unused) }
    let entries = try images.map { try ResultEntry($0, boxes.of($0.file), context) }
    if let folder = place.folder {
      try write(
        entries, to: folder, isCopied: context.plan.apply.form == .copies, place, context)
    }
    try place.write(list: list(entries, place))
    let what = place.folder.map { "\(Format.count(images.count, "image")) in \($0), listed in " }
    return (what ?? "\(Format.count(images.count, "image")) in ") + place.list
  }

  static func output(_ context: CurationContext) throws -> String { "" }

  /// What dropped the most images, and its key in the plan.
  private static func reason(_ context: CurationContext) throws -> String {
    guard let most = try context.catalogue.dropped().first else { return "" }
    let count = Format.count(most.count)
    return most.stage == .filter && most.rule != "damaged"
      ? ": filter.\(most.rule) of the plan dropped \(count)"
      : ": \(most.stage.rawValue) dropped \(count), \(most.rule)"
  }

  private static func list(_ entries: [ResultEntry], _ place: ResultPlace) -> [UInt8] {
    let base = FilePath.parent(of: place.list) + "/"
    var lines = ByteText.bytes("file,label\n")
    for entry in entries {
      let path = place.folder.map { $0 + "/" + entry.name } ?? entry.path
      // Relative if it lies below, so that the folder can be moved as a whole.
      let shown = path.hasPrefix(base) ? String(path.dropFirst(base.count)) : path
      lines += ByteText.bytes("\(shown.csvField),\((entry.label ?? "").csvField)\n")
    }
    return lines
  }

  /// Makes a folder of links or copies, which appears when it is complete.
  private static func write(
    _ entries: [ResultEntry], to folder: String, isCopied: Bool, _ place: ResultPlace,
    _ context: CurationContext
  ) throws {
    let partial = PartialPath.claim(folder)
    try? FileSystem.remove(partial)
    context.observer.began(name, what: "images", total: entries.count)
    for (number, entry) in entries.enumerated() {
      try context.check()
      let target = partial + "/" + entry.name
      try FileSystem.makeFolder(FilePath.parent(of: target))
      if !entry.boxes.isEmpty {
        let image = try entry.list.decoded(entry.index) { _ in .whole }
        try WholeFile.write(bytes: encodePNG(image.blurred(entry.boxes)), to: target)
      } else if !isCopied && !entry.isArchived {
        try FileSystem.symbolicLink(at: target, to: entry.path)
      } else {
        try WholeFile.write(bytes: entry.list.content(entry.index), to: target)
      }
      context.observer.advanced(to: number + 1)
    }
    try place.mark(partial)
    if try FileSystem.status(folder, followingLinks: false) != nil {
      try FileSystem.remove(folder)
    }
    try FileSystem.move(partial, to: folder)
  }
}

/// An image of the result.
private struct ResultEntry {
  let list: FileList
  let index: Int
  /// The path by which it is opened; of one in an archive, the archive's and the name in it.
  let path: String
  /// The path within a folder of the result: the number of its source and the path in that.
  let name: String
  let label: String?
  let isArchived: Bool
  /// What is blurred in a copy, which is then a PNG file.
  let boxes: [BlurBoxes.Box]

  init(
    _ image: CatalogueImage, _ boxes: [BlurBoxes.Box], _ context: CurationContext
  ) throws {
    self.boxes = boxes
    list = try context.list(image.source)
    guard let index = try context.place(of: image) else {
      throw CatalogueError.failed(
        path: image.file, detail: "is gone since the images were listed; run again")
    }
    self.index = index
    path = list.path(index)
    name = "\(image.source)/" + image.file.drop { $0 == "/" } + (boxes.isEmpty ? "" : ".png")
    label = list.label(index).map { [list] in list.classes[$0] }
    isArchived = list.isArchived(index)
  }
}
