extension FileContent {
  /// Tells what a file holds by its first bytes, of which 512 suffice.
  package init(start: [UInt8]) {
    do throws(ImageError) {
      _ = try ImageFormat(start, name: "")
      self = .image
    } catch {
      self.init(error.problem)
    }
  }
}
