import Support

/// Where the weights of a teacher are from, and their licence, which applies to what is distilled from them.
package struct WeightsOrigin: Sendable, Equatable {
  /// The name of the folder or file.
  var name: String
  /// Whether it is a backbone of DINOv3.
  var isDINOv3: Bool
  /// What the files beside the weights name; `nil` if they name none.
  package var licence: Licence?

  private enum Key: String {
    case origin, licence = "license"
    case licenceName = "license_name"
    case licenceLink = "license_link"
    case isDINOv3 = "origin_is_dinov3"
  }
}

extension WeightsOrigin {
  /// The fields of a safetensors file's metadata.
  var metadata: [String: String] {
    let pairs: [(Key, String?)] = [
      (.origin, name), (.isDINOv3, isDINOv3 ? "true" : nil), (.licence, licence?.identifier),
      (.licenceName, licence?.name), (.licenceLink, licence?.link),
    ]
    return Dictionary(
      uniqueKeysWithValues: pairs.compactMap { key, value in value.map { (key.rawValue, $0) } })
  }

  /// Takes the fields from the metadata of a file that Dino wrote; `nil` if they name no origin.
  init?(metadata: [String: String]) {
    func text(_ key: Key) -> String? { metadata[key.rawValue] }
    guard let name = text(.origin) else { return nil }
    self.init(
      name: name, isDINOv3: text(.isDINOv3) == "true",
      licence: Licence(
        identifier: text(.licence), name: text(.licenceName), link: text(.licenceLink)))
  }

  /// Looks around a file of weights. A file of another name than libraries give it may lie anywhere, so nothing
  /// beside it is taken to be about it.
  init(of path: String, isDINOv3: Bool) {
    let (file, folder) = (FilePath.name(of: path), FilePath.parent(of: FilePath.absolute(path)))
    let isWhole = WeightsLocation.names.contains(file)
    self.init(
      name: isWhole ? FilePath.name(of: folder) : file, isDINOv3: isDINOv3,
      licence: isWhole ? Licence(in: folder) : nil)
  }
}
