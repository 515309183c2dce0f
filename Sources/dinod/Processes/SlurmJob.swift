import CommandKit
import Support

#if canImport(Glibc)
  import Glibc
#endif

/// The job of the batch system Slurm in which this program runs.
enum SlurmJob {
  /// Checks that the job can be put back into the queue. Throws a line if it cannot.
  static func check() throws {
    guard Environment.value("SLURM_JOB_ID") != nil else {
      throw UsageError("--requeue is for jobs of Slurm, and SLURM_JOB_ID is not set")
    }
    guard ProgramPath.find("scontrol") != nil else {
      throw UsageError("--requeue needs Slurm's scontrol, which is not in PATH")
    }
  }

  /// Puts the job back into the queue if SIGUSR1 ended the run, which Slurm sends before the job's time
  /// is over (`sbatch --signal=USR1@300`). The run goes on when the job begins again.
  static func requeueIfAsked() throws {
    guard Signals.first == SIGUSR1, let job = Environment.value("SLURM_JOB_ID"),
      let program = ProgramPath.find("scontrol")
    else { return }
    print("requeue: job \(job) goes back into the queue")
    let child = try ChildProcess(
      program, ["requeue", job], output: .descriptor(STDOUT_FILENO))
    var status = child.ending()
    while status == nil {
      usleep(10_000)
      status = child.ending()
    }
    guard status == 0 else {
      throw RunError.machine(
        "scontrol requeue \(job) failed; the run is saved, so submit the job again")
    }
  }
}
