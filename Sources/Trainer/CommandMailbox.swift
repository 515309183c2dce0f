import Run
import Support
import Synchronization

/// A command that the trainer carries out between two steps.
package struct TrainerCommand: Sendable, Equatable {
  package enum Action: Sendable, Equatable {
    case pause
    case resume
    case checkpoint
    /// Finishes the step, writes a checkpoint and ends.
    case stop
    /// Moves a schedule; `value` nil: back to the recipe's course.
    case set(Metric, value: Double?, over: Int)
    /// Begins a phase now, or goes back before the present one.
    case phase(PhaseRequest)
    /// Tells what that would cost, and changes nothing.
    case preview(PhaseRequest)
  }

  package var id: String
  /// Who asked: `dino set (anna@workstation)`, or `signal`.
  package var client: String
  package var action: Action

  package init(id: String, client: String, action: Action) {
    self.id = id
    self.client = client
    self.action = action
  }
}

/// Where commands wait for the trainer. Any thread posts; the trainer's thread alone takes.
package final class CommandMailbox: Sendable {
  private let waiting = Mutex<[TrainerCommand]>([])
  private let semaphore = Semaphore()

  package init() {}

  /// Leaves a command; never lost, never waits.
  package func post(_ command: TrainerCommand) {
    waiting.withLock { $0.append(command) }
    semaphore.signal()
  }

  /// All that is there, in the order of posting; returns at once.
  func take() -> [TrainerCommand] {
    waiting.withLock { commands in
      defer { commands = [] }
      return commands
    }
  }

  /// Waits until something is there.
  func wait() {
    while waiting.withLock({ $0.isEmpty }) { semaphore.wait() }
  }
}
