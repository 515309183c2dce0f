import CollectivesMPI
import CommandKit
import Support
import Tensor
import Trainer

extension Subcommand {
  static let train = Subcommand(
    name: "train", operands: "[RECIPE.yaml]", count: 0...1,
    summary: "train a run in the foreground, or resume it",
    options: [
      Option("--name", "N", "the run's name; by default the recipe's"),
      setting,
      directory,
      Option(
        "--branch-of", "RUN",
        "start the run --name from a checkpoint of RUN, with its recipe changed by --set"),
      Option("--at", "STEP", "with --branch-of: step of the checkpoint; by default the newest"),
      Option(
        "--replay", "RUN",
        "compute RUN again from its start as --name, with the changes of its journal"),
      Option(
        "--without", "ID", "with --replay: leave out the change whose id begins so", repeats: true),
      Option("--extend", "STEPS", "train a finished run for so many steps more"),
      Option("--lr-factor", "X", "with --extend: factor on the recipe's learning rate"),
      Option("--until", "STEP", "stop after this step; --resume goes on"),
      Option("--resume", nil, "refuse to start a new run"),
      Option(
        "--begin-anew", nil,
        "train an existing run from step 0 again; its files so far are kept in its folder"),
      acceptingData,
      Option(
        "--trace", "FILE",
        "write what was computed and sent when in the third step, for Perfetto or chrome://tracing"),
      Option(
        "--requeue", nil,
        "in a job of Slurm: if SIGUSR1 ends the run, put the job back into the queue"),
      Option("--quiet", nil, "print no steps and events; the run's log has them"),
    ] + processOptions
  ) { try TrainingProcesses.train($0) }
}

/// Trains alone, or with the processes that `mpirun` started.
///
/// Process 0 carries the command out. The others look at none of its arguments: they do what process 0 tells
/// them, so that neither the recipe nor the run's folder has to be on their hosts.
enum TrainingProcesses {
  /// The seconds after which a process that gives no sign counts as lost.
  private static let patience = 8.0

  static func train(_ arguments: Arguments) throws -> Int32 {
    // Before MPI opens files of its own.
    InheritedFiles.close()
    Signals.hold()
    guard let processes = MPIJob.processes else {
      guard let hosts = try ProcessHosts(arguments), hosts.processes > 1 else {
        return try TrainCommand(arguments).run()
      }
      return try Supervisor(arguments, hosts, TrainCommand(arguments)).run()
    }
    guard processes > 1 else { return try TrainCommand(arguments).run() }
    let link = try MPILink(patience: patience)
    defer { link.close() }
    let team = ProcessTeam(LinkedCollectives(link), mayDiffer: arguments.has("--mixed"))
    guard link.place.number == 0 else {
      Signals.ignore()
      participate(team)
      return 0
    }
    defer { team.end() }
    do {
      return try TrainCommand(arguments, team: team).run()
    } catch let mismatch as StateMismatch {
      throw Failure("\(mismatch)", code: MPIJob.lossExitCode)
    }
  }

  private static func participate(_ team: ProcessTeam) {
    var backend: Backend?
    Participant(team) { recipe, collectives in
      let made = try backend ?? Backend(Backend.Choice(recipe, place: team.place))
      backend = made
      return made.makeKernels(nil, collectives)
    }.run()
  }
}
