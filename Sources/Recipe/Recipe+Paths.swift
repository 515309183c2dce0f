import Settings
import Glibc
import Support

extension Recipe {
  /// Checks that the image folders exist. This is the only check that reads the file system, so a
  /// recipe can be read on a machine without the images.
  package func checkPaths() throws(SettingError) {
    guard !data.path.isEmpty else {
      throw SettingError(
        place: places["data.path"] ?? .program, key: "data.path",
        message: "no images are given; name a folder of images with --set data.path=FOLDER")
    }
    if !data.isEmbedded { try checkFolder("data.path", data.path) }
    if !data.evalPath.isEmpty { try checkFolder("data.eval_path", data.evalPath) }
    if !probe.masksPath.isEmpty { try checkFolder("probe.masks_path", probe.masksPath) }
  }

  private func checkFolder(_ key: String, _ path: String) throws(SettingError) {
    let problem: String
    do throws(FileError) {
      let kind = try FileSystem.status(path)?.kind
      if kind == .folder || (kind == .file && DataSetFile(name: path) != nil) { return }
      if kind == nil, FilePattern.isPattern(path) {
        _ = try FilePattern.matches(of: path)
        return
      }
      problem =
        kind == nil
        ? SystemReason.of(ENOENT) : "not a folder, a list (.txt, .csv) or an archive (.tar, .zip)"
    } catch {
      problem = error.what
    }
    throw SettingError(
      place: places[key] ?? .program, key: key,
      message: "\(path): \(problem); give a folder of images with --set \(key)=FOLDER")
  }

  /// Makes all paths absolute. Paths from the file are relative to its folder, those from
  /// overrides to the current folder, and `~` is the home folder.
  mutating func makePathsAbsolute(file: String?) {
    let current = FilePath.currentFolder
    let fileFolder = file.map { file in
      let absolute = FilePath.absolute(file, in: current)
      return FilePath.parent(of: absolute)
    }
    func folder(_ key: String) -> String {
      if case .file = places[key] { return fileFolder ?? current }
      return current
    }
    if !data.isEmbedded && !data.path.isEmpty {
      data.path = FilePath.absolute(data.path, in: folder("data.path"))
    }
    if !data.evalPath.isEmpty {
      data.evalPath = FilePath.absolute(data.evalPath, in: folder("data.eval_path"))
    }
    if !probe.masksPath.isEmpty {
      probe.masksPath = FilePath.absolute(probe.masksPath, in: folder("probe.masks_path"))
    }
    func weights(_ key: String, _ given: inout String) {
      guard !given.isEmpty else { return }
      let path = FilePath.absolute(given, in: folder(key))
      // Text without a slash may be the name of a run.
      if given.contains("/") || FileSystem.exists(path) { given = path }
    }
    weights("student.pretrained_weights", &student.pretrainedWeights)
    weights("distillation.teacher", &distillation.teacher)
  }
}

extension Recipe.DataSource {
  /// Whether the images are the textures that the program generates.
  package var isEmbedded: Bool { path == "embedded" }
}
