import History
import Recipe
import Run
import Support
import TensorBoard

/// A run's database as an event file for TensorBoard.
struct BoardExport {
  let directory: RunDirectory

  /// The steps that are read and written at a time.
  private static let batch = 1024

  /// Writes a file into a folder. Returns its path.
  func write(to folder: String) throws -> String {
    let reader = try HistoryReader(directory: directory)
    let status = try reader.lastStatus()
    // Folders of curations have no recipe.
    let recipe =
      FileSystem.exists(directory.recipe) ? try Recipe.read(file: directory.recipe) : nil
    let file = try EventFile(folder: folder, time: Clock.wall())
    var course = BoardCourse(after: 0)
    try file.append(course.begin(recipe, run: directory.name, time: status.startedAt))
    try file.append(reader.events(limit: .max).flatMap { course.take($0) })
    try file.append(reader.evaluations().flatMap { course.take($0) })
    let last = try reader.lastStep()
    for first in stride(from: 1, through: last, by: Self.batch) {
      var entries: [BoardEvent] = []
      try reader.samples(in: first...min(first + Self.batch - 1, last)) {
        entries += course.take($0)
      }
      try file.append(entries)
    }
    try file.append(course.take(status, time: reader.time(of: last) ?? status.startedAt))
    return file.path
  }
}

extension HistoryReader {
  /// Returns when a step ended, in seconds since 1970; `nil` if it has no sample.
  fileprivate func time(of step: Int) throws -> Double? {
    var time: Double?
    guard step > 0 else { return nil }
    try samples(in: step...step) { time = $0.time }
    return time
  }
}
