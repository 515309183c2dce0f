/// What a person should know about a data set that is used all the same.
package struct SourceNotice: Sendable, Equatable {
  /// One line that names the data set.
  package let text: String
  /// Whether a part that may have images could not be read.
  package let isProblem: Bool
}
