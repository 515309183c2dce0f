/// Why a file gave no picture.
package struct ImageError: Error, Equatable, CustomStringConvertible {
  package enum Problem: Equatable, Sendable {
    case missing
    /// The system's reason: no permission, a folder, a device.
    case unreadable(String)
    case unwritable(String)
    case empty
    /// Neither JPEG nor PNG, and what the bytes look like instead.
    case notAnImage(looksLike: String)
    /// Cut short, or bytes that do not decode.
    case damaged(String)
    /// A sound file of a kind the codecs do not decode.
    case unsupported(String)
    /// More pixels or bytes than allowed.
    case tooLarge(String)
  }

  /// The file's path, or the name given with its bytes.
  package let name: String
  package let problem: Problem

  package init(_ name: String, _ problem: Problem) {
    self.name = name
    self.problem = problem
  }

  package var description: String {
    let what =
      switch problem {
      case .missing: "no such file"
      case .unreadable(let reason): "cannot be read: \(reason)"
      case .unwritable(let reason): "cannot be written: \(reason)"
      case .empty: "the file is empty"
      case .notAnImage(let look): "not JPEG or PNG (looks like \(look))"
      case .damaged(let reason): "damaged image: \(reason)"
      case .unsupported(let reason): "unsupported image: \(reason)"
      case .tooLarge(let reason): "too large: \(reason)"
      }
    return "\(name): \(what)"
  }
}
