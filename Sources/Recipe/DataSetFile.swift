/// The kinds of files that are data sets, told by the endings of their names.
package enum DataSetFile: String, CaseIterable, Sendable {
  /// A path in each line.
  case list = ".txt"
  /// A table of `file,label`.
  case table = ".csv"
  case tar = ".tar"
  case zip = ".zip"

  /// The kind of a file of a given name; `nil` if it is no data set.
  package init?(name: String) {
    let name = name.lowercased()
    guard let kind = Self.allCases.first(where: { name.hasSuffix($0.rawValue) }) else {
      return nil
    }
    self = kind
  }

  /// Whether the files lie in this one.
  package var isArchive: Bool { self == .tar || self == .zip }
}
