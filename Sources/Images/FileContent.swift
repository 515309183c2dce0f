/// What a file holds, told by its first bytes, whatever it is called.
package enum FileContent: Equatable, Sendable {
  /// An image of a format that this build reads.
  case image
  /// Another known kind, such as `AVIF` or `text`.
  case other(String)
  /// No known kind.
  case unknown
  /// Nothing.
  case empty
  /// The file cannot be read.
  case unreadable

  /// Reads the first bytes of a file.
  package init(path: String) {
    do throws(ImageError) {
      let limits = ImageLimits(bytes: .max)
      self.init(start: try ImageFile.read(path, limits: limits, most: 512).bytes)
    } catch {
      self.init(error.problem)
    }
  }

  /// Tells what a file holds by its first bytes, of which 512 suffice.
  package init(start: [UInt8]) {
    do throws(ImageError) {
      let format = try ImageFormat.recognised(start, name: "")
      self = format.missingPackage == nil ? .image : .other(format.name)
    } catch {
      self.init(error.problem)
    }
  }

  /// What a file holds that is no image.
  private init(_ problem: ImageError.Problem) {
    switch problem {
    case .notAnImage("unknown data"): self = .unknown
    case .notAnImage(let look):
      self = .other(look.hasPrefix("a ") ? String(look.dropFirst(2)) : look)
    case .empty: self = .empty
    default: self = .unreadable
    }
  }
}
