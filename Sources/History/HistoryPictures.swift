import Run
import SQL

extension HistoryWriter {
  /// Records pictures of images with a fingerprint. Each replaces one of the same step, kind and number.
  package func append(_ pictures: [ProbePicture], data: String?) throws(HistoryError) {
    try add(.pictures(pictures, data: data), atOnce: true)
  }

  /// Returns whether there are pictures of a kind, of images with a fingerprint.
  package func hasPictures(
    _ kind: ProbePicture.Kind, data: String?
  ) throws(HistoryError) -> Bool {
    let statement = try database.prepare(
      "SELECT 1 FROM pictures WHERE kind = ? AND data IS ? LIMIT 1")
    statement.bind(kind.rawValue, at: 0)
    statement.bind(data, at: 1)
    return try statement.step()
  }

  /// Returns the components that the last probe before a step has pictured.
  package func lastPictures(before step: Int) throws(HistoryError) -> [ProbePicture] {
    let last = try database.integer(
      "SELECT max(step) FROM pictures WHERE kind = 'components' AND step < \(step)")
    return try database.pictures("kind = 'components' AND step = \(last)")
  }
}

extension HistoryReader {
  /// The most probes whose pictures are read, and about the most bytes of them.
  private static let most = (probes: 96, bytes: 2 << 20)

  /// Returns the pictures of the run. Of many probes some are left out, evenly.
  package func pictures() throws(HistoryError) -> [ProbePicture] {
    // Databases of older versions lack the table.
    guard try !database.columns(of: "pictures").isEmpty else { return [] }
    let steps = try database.integers(
      "SELECT DISTINCT step FROM pictures WHERE kind IN ('components', 'attention') ORDER BY step"
    )
    let bytes = try database.integer(
      "SELECT sum(length(pixels)) FROM pictures WHERE step = \(steps.last ?? 0) "
        + "AND kind IN ('components', 'attention')"
    )
    let most = min(Self.most.probes, max(2, Self.most.bytes / max(bytes, 1)))
    let stride = max(1, (steps.count + most - 1) / most)
    let chosen = steps.enumerated().filter { place, step in
      place % stride == 0 || step == steps.last
    }.map { "\($0.element)" }
    let always = ProbePicture.Kind.allCases.filter { $0.isLastOnly || $0 == .image }
    let kinds = always.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    return try database.pictures(
      "kind IN (\(kinds)) OR step IN (\(chosen.joined(separator: ", ")))")
  }
}

extension HistoryDatabase {
  /// Returns the pictures that meet a condition, in the order of steps and numbers.
  fileprivate func pictures(_ condition: String) throws(HistoryError) -> [ProbePicture] {
    let statement = try prepare(
      "SELECT step, number, kind, width, height, pixels FROM pictures WHERE \(condition) "
        + "ORDER BY step, number")
    var pictures: [ProbePicture] = []
    while try statement.step() {
      let (width, height) = (statement.integer(3), statement.integer(4))
      let pixels = statement.bytes(5)
      guard let kind = ProbePicture.Kind(rawValue: statement.text(2)),
        (1...ProbePicture.mostSide).contains(width),
        (1...ProbePicture.mostSide).contains(height), pixels.count == width * height * 3
      else { continue }
      pictures.append(
        ProbePicture(
          step: statement.integer(0), number: statement.integer(1), kind: kind, width: width,
          height: height, pixels: pixels))
    }
    return pictures
  }

  /// Returns the numbers of a column.
  fileprivate func integers(_ query: String) throws(HistoryError) -> [Int] {
    let statement = try prepare(query)
    var numbers: [Int] = []
    while try statement.step() { numbers.append(statement.integer(0)) }
    return numbers
  }
}
