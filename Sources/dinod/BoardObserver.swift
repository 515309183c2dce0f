import Recipe
import Run
import Support
import TensorBoard
import Trainer

/// Writes what the trainer reports to an event file of TensorBoard, a new one at each start of a run.
final class BoardObserver: RunObserver {
  private let writer: EventFileWriter
  private var course: BoardCourse

  /// Begins a file in a folder.
  ///
  /// - Parameter step: the step after which the run begins or goes on.
  init(folder: String, _ recipe: Recipe, run: String, after step: Int) throws(PosixThreadError) {
    writer = try EventFileWriter(folder: folder)
    course = BoardCourse(after: step)
    writer.write(course.begin(recipe, run: run, time: Clock.wall()))
  }

  func stepped(_ sample: Sample) { writer.write(course.take(sample)) }
  func evaluated(_ evaluation: ProbeResult) { writer.write(course.take(evaluation)) }
  func happened(_ event: RunEvent) { writer.write(course.take(event)) }
  func journaled(_ entry: JournalEntry) { writer.write(course.take(entry)) }
  func changed(_ status: RunStatus) { writer.write(course.take(status, time: Clock.wall())) }

  func findings() -> [Finding] { writer.problems().map { (.warning, "tensorboard", $0) } }

  /// Writes what was reported, and closes the file.
  func stop() { writer.stop() }
}
