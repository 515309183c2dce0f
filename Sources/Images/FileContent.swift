/// What a file holds, told by its first bytes, whatever it is called.
package enum FileContent: Equatable, Sendable {
  /// A JPEG or PNG file.
  case image
  /// Another known kind, such as `WebP` or `text`.
  case other(String)
  /// No known kind.
  case unknown
  /// Nothing.
  case empty
  /// The file cannot be read.
  case unreadable

  /// Reads the first bytes of a file.
  package init(path: String) {
    let limits = ImageLimits(bytes: .max)
    do throws(ImageError) {
      let start = try ImageFile.read(path, limits: limits, most: 512).bytes
      _ = try ImageFormat(start, name: path)
      self = .image
    } catch {
      self.init(error.problem)
    }
  }

  /// What a file holds that is no image.
  init(_ problem: ImageError.Problem) {
    switch problem {
    case .notAnImage("unknown data"): self = .unknown
    case .notAnImage(let look):
      self = .other(look.hasPrefix("a ") ? String(look.dropFirst(2)) : look)
    case .empty: self = .empty
    default: self = .unreadable
    }
  }
}
