import Support

/// What was found in a source, in numbers.
package struct LinkCounts: Sendable, Equatable {
  /// Pages that were read.
  package var pages = 0
  /// Pages that ask not to take their images.
  package var refusing = 0
  /// Pages whose text or list of images was cut off at a limit.
  package var cut = 0
  /// Pages or lines that could not be read.
  package var unreadable = 0
  /// Links whose address cannot be fetched.
  package var unusable = 0
  /// Links by the rule that they break.
  package var refused: [String: Int] = [:]
  /// Links that the rules let through.
  package var links = 0
  /// Of these, those that the ledger did not know.
  package var new = 0
  /// What was wrong with the source, each in a line, the first hundred.
  package var problems: [String] = []

  package init() {}

  /// Adds a problem.
  mutating func note(_ problem: String) {
    if problems.count < 100 { problems.append(problem) }
  }
}

/// Where links come from. A source is read from a position that it gave before, and gives the same
/// links from there on as long as it is not changed.
package protocol LinkSource {
  /// The name under which a ledger keeps the position; no two sources share one.
  var name: String { get }

  /// What positions count, such as `bytes`.
  var unit: String { get }
  /// Returns the last position; 0 if only reading tells it.
  func size() throws(FileError) -> Int

  /// Reads links from a position on; 0 is the beginning. `take` is given links and the position
  /// behind them. What it throws ends the reading, and so does `false`.
  func read(
    from position: Int, counts: inout LinkCounts,
    _ take: ([ImageLink], Int) throws(FileError) -> Bool
  ) throws(FileError)
}
