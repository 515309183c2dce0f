#if canImport(Glibc)
  import Glibc
#endif

/// The job of `mpirun` that this program belongs to, as its environment says.
package enum MPIJob {
  /// The number of processes that `mpirun` started; `nil` if it did not start this one.
  package static var processes: Int? { number("OMPI_COMM_WORLD_SIZE") }

  /// The exit code of a run that ends because a process is lost or computes wrongly; from the last
  /// checkpoint it may go on.
  package static let lossExitCode: Int32 = 75

  /// How many of them are on this host.
  static var processesOnHost: Int { number("OMPI_COMM_WORLD_LOCAL_SIZE") ?? 1 }

  private static func number(_ name: String) -> Int? {
    getenv(name).flatMap { Int(String(cString: $0)) }
  }
}

/// Why there is no connection with the other processes.
package struct MPIError: Error, CustomStringConvertible {
  package let reason: String

  package init(reason: String) { self.reason = reason }

  package var description: String {
    "\(reason); install openmpi-bin, or start dinod without mpirun"
  }
}
