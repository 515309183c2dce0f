import CXXHash
import Support

/// The image files of a run: their paths, sizes and classes.
///
/// A run keeps its index in its folder. At the next start it shows whether the run continues with
/// the images with which it began; see `ImageChanges`.
package struct ImageIndex: Sendable {
  /// What images are used for.
  package enum Purpose: String, Sendable, CaseIterable {
    /// `data.path`: training and, if `data.eval_path` is empty, the probe.
    case train
    /// `data.eval_path`: the images whose classes the probe predicts.
    case eval
  }

  /// An image file.
  package struct Entry: Sendable {
    package let purpose: Purpose
    /// The path below the data set's folder.
    package let path: String
    /// The size in bytes; `nil` if the system could not tell.
    package let bytes: Int?
    /// The class; empty if it has none.
    package let label: String

    package init(_ purpose: Purpose, path: String, bytes: Int?, label: String) {
      self.purpose = purpose
      self.path = path
      self.bytes = bytes
      self.label = label
    }
  }

  package let entries: [Entry]

  package init(_ entries: [Entry]) { self.entries = entries }

  /// The index of a run's images. Asks the system for the size of every file.
  ///
  /// Returns `nil` if the images are not files, which cannot change.
  package init?(train: any ImageSource, eval: (any ImageSource)?) {
    guard !(train is EmbeddedSource) else { return nil }
    entries =
      Self.entries(.train, of: train) + (eval.map { Self.entries(.eval, of: $0) } ?? [])
  }

  private static func entries(_ purpose: Purpose, of source: any ImageSource) -> [Entry] {
    let classes = source.classes
    return (0..<source.count).map {
      Entry(
        purpose, path: source.key($0), bytes: source.bytes($0),
        label: source.label($0).map { classes[$0] } ?? "")
    }
  }

  /// XXH3 of the index as it is written, 16 hexadecimal digits. Two indices have the same one if
  /// nothing that a run computes from their images can differ, other than by contents that changed
  /// in files of the same size.
  package var fingerprint: String {
    let hash = csv.withUnsafeBytes { XXH3_64bits($0.baseAddress, $0.count) }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
