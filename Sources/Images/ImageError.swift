/// An error: an image cannot be read or written.
package struct ImageError: Error, Equatable, CustomStringConvertible {
  /// What is wrong with the file.
  package enum Problem: Equatable, Sendable {
    case missing
    /// The reason from the system, such as missing permission.
    case unreadable(String)
    case unwritable(String)
    /// A folder or a device, as the text says.
    case notAFile(String)
    case empty
    /// Of no format that is read; `looksLike` is what the first bytes suggest.
    case notAnImage(looksLike: String)
    /// Truncated, or not decodable.
    case damaged(String)
    /// A valid file of a kind that the codecs do not decode.
    case unsupported(String)
    /// More pixels or bytes than `ImageLimits` allows.
    case tooLarge(String)
  }

  /// The file's path, or the name that was passed with its bytes.
  package let name: String
  package let problem: Problem

  /// Whether the system could not read the file. That may pass; every other problem is one of the
  /// file's contents, which stay as they are.
  package var isOutage: Bool {
    switch problem {
    case .missing, .unreadable: true
    default: false
    }
  }

  package init(_ name: String, _ problem: Problem) {
    self.name = name
    self.problem = problem
  }

  package var description: String {
    let what =
      switch problem {
      case .missing: "no such file"
      case .unreadable(let reason), .notAFile(let reason): "cannot be read: \(reason)"
      case .unwritable(let reason): "cannot be written: \(reason)"
      case .empty: "the file is empty"
      case .notAnImage(let look): "not \(ImageFormat.list("or")) (looks like \(look))"
      case .damaged(let reason): "damaged image: \(reason)"
      case .unsupported(let reason): "unsupported image: \(reason)"
      case .tooLarge(let reason): "too large: \(reason)"
      }
    return "\(name): \(what)"
  }
}
