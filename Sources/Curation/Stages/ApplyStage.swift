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
        path: context.pool.path, detail: "no image is left; see dinod curate status")
    }
    let place = ResultPlace(context)
    let entries = try images.map { try ResultEntry($0, context) }
    if let folder = place.folder {
      try write(entries, to: folder, isCopied: context.plan.apply.form == .copies, context)
    }
    try WholeFile.write(bytes: list(entries, place), to: place.list)
    let what = place.folder.map { "\(Format.count(images.count, "image")) in \($0), listed in " }
    return (what ?? "\(Format.count(images.count, "image")) in ") + place.list
  }

  static func output(_ context: CurationContext) throws -> String { "" }

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
    _ entries: [ResultEntry], to folder: String, isCopied: Bool, _ context: CurationContext
  ) throws {
    let partial = PartialPath.claim(folder)
    try? FileSystem.remove(partial)
    context.observer.began(name, what: "images", total: entries.count)
    for (number, entry) in entries.enumerated() {
      try context.check()
      let target = partial + "/" + entry.name
      try FileSystem.makeFolder(FilePath.parent(of: target))
      if !isCopied && !entry.isArchived {
        try FileSystem.symbolicLink(at: target, to: entry.path)
      } else {
        try WholeFile.write(bytes: entry.list.content(entry.index), to: target)
      }
      context.observer.advanced(to: number + 1)
    }
    if try FileSystem.status(folder, followingLinks: false) != nil {
      try FileSystem.remove(folder)
    }
    try FileSystem.move(partial, to: folder)
  }
}

/// Where the result goes.
private struct ResultPlace {
  let list: String
  /// The folder of links or copies; `nil` for a list alone.
  let folder: String?

  init(_ context: CurationContext) {
    let keys = context.plan.apply
    switch keys.form {
    case .list:
      list = keys.to.isEmpty ? context.pool.list : keys.to
      folder = nil
    case .links, .copies:
      let to = keys.to.isEmpty ? context.pool.images : keys.to
      (list, folder) = (to + ".csv", to)
    }
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

  init(_ image: CatalogueImage, _ context: CurationContext) throws {
    list = try context.list(image.source)
    guard let index = try context.place(of: image) else {
      throw CatalogueError.failed(
        path: image.file, detail: "is gone since the images were listed; run again")
    }
    self.index = index
    path = list.path(index)
    name = "\(image.source)/" + image.file.drop { $0 == "/" }
    label = list.label(index).map { [list] in list.classes[$0] }
    isArchived = list.isArchived(index)
  }
}
