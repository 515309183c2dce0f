import Support

extension FoundFiles {
  /// Finds the images in a folder, in all folders below it, and in the archives there. Throws if
  /// the folder itself cannot be read.
  init(folder: String) throws(SourceError) {
    let finder = try ImageFinder(searching: folder)
    self.init()
    unused = finder.unused
    problems = finder.unreadable
    for file in finder.files { add(file) }
    for archive in finder.archives.sorted(by: FilePath.precedes) {
      do throws(FileError) {
        try add(archive: folder + "/" + archive, as: archive)
      } catch {
        problems.append(error)
      }
    }
  }

  /// What to tell about the search: what could not be read, and the files that are not used.
  func notices(_ name: String) -> [SourceNotice] {
    let sorted = problems.sorted { FilePath.precedes($0.file, $1.file) }
    var notices = sorted.prefix(Self.mostNamed).map {
      SourceNotice(text: "\($0.file): \($0.what); passed over", isProblem: true)
    }
    if sorted.count > Self.mostNamed {
      let others = sorted.count - Self.mostNamed
      notices.append(
        SourceNotice(
          text: "\(name): \(others) more folders or archives cannot be read", isProblem: true))
    }
    if let line = unused.line {
      notices.append(SourceNotice(text: "\(name): \(line)", isProblem: false))
    }
    return notices
  }

  /// The most unreadable folders and archives that are named.
  private static let mostNamed = 10
}
