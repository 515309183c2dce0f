/// The machine of a run's first process, and what the run's memory is for.
package struct MachineStatus: Codable, Sendable, Equatable {
  /// A part of the memory: what it is for, and how much was planned for it.
  package struct Part: Codable, Sendable, Equatable {
    package var name: String
    @Count package var bytes: Int

    package init(name: String, bytes: Int) {
      self.name = name
      self.bytes = bytes
    }
  }

  package var host: String
  /// The model of the processor; empty if the system does not tell.
  package var processor: String
  /// Cores of the machine, and threads of the program.
  @Count package var cores: Int
  package var threads: Int?
  /// The element type of activations that only products read: `bf16` or `fp32`.
  package var precision: String
  /// The version of the daemon.
  package var version: String
  /// The engine's memory by purpose, the largest part first.
  package var memory: [Part]

  package init(
    host: String, processor: String, cores: Int, threads: Int?, precision: String,
    version: String, memory: [Part]
  ) {
    self.host = host
    self.processor = processor
    self.cores = cores
    self.threads = threads
    self.precision = precision
    self.version = version
    self.memory = memory
  }
}
