import History
import Recipe
import Run
import Trainer

/// The outputs for other programs and for people that a run's recipe asks for, besides the sockets.
struct Outputs {
  private let board: BoardObserver?
  private let prometheus: PrometheusObserver?
  private let notices: NoticeObserver?

  /// Starts the outputs.
  ///
  /// - Parameter status: the run as it begins or goes on.
  init(_ recipe: Recipe, of directory: RunDirectory, _ status: RunStatus) throws {
    let session = recipe.session
    board =
      session.tensorboard
      ? try BoardObserver(
        folder: directory.tensorboard, recipe, run: directory.name, after: status.step) : nil
    prometheus =
      session.prometheus > 0 ? PrometheusObserver(port: session.prometheus, status) : nil
    notices = try NoticeObserver(recipe, of: directory.notices)
  }

  /// What the trainer reports to.
  var observers: [any RunObserver] {
    let all: [(any RunObserver)?] = [board, prometheus, notices]
    return all.compactMap(\.self)
  }

  /// Ends the outputs, after what was reported has been written.
  func stop() {
    board?.stop()
    prometheus?.stop()
    notices?.stop()
  }
}
