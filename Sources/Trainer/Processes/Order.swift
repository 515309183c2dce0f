import Engine
import Model
import Run

/// What process 0 asks of the other processes of a run. They do nothing of their own accord: process 0 has
/// the recipe, the journal, the checkpoints and the viewers.
enum Order: Codable, Sendable {
  /// Build the engine and the loader of a phase. Answered by `ProcessFacts`.
  case prepare(Preparation)
  /// Make a call of the engine that all processes make together.
  case engine(Engine.Call)
  /// Take over the state of process 0's engine.
  case share
  /// Prepare batches, from the first rank's batch of this number on, at a position of the stream.
  case load(batch: Int, position: Int)
  /// Compute a step.
  case step(StepOrder)
  /// Compare the whole state with that of the others. Answered by its checksums.
  case compare
  /// Say whether images that could not be read are there again.
  case lookForData
  /// The run ends.
  case end
}

/// What a process needs to know of a phase.
struct Preparation: Codable, Sendable {
  /// The phase's recipe, resolved, as YAML.
  var recipe: String
  /// The network of a distillation's teacher.
  var teacher: NetworkShape?
}

/// A step that all processes compute.
struct StepOrder: Codable, Sendable {
  /// The number of the first rank's first batch.
  var firstBatch: Int
  /// The number of micro-batches of each rank.
  var batches: Int
  var withDiagnostics: Bool
  /// Whether to record when its parts were computed and sent.
  var isTraced: Bool
  /// The scheduled values, by the names of their metrics.
  var values: [String: Double]
  /// The norms above which the step is skipped; see `StepValues.normLimits`.
  var normLimits: [[Double]]
}

/// What a process says of itself when it has prepared a phase, so that process 0 finds what differs.
package struct ProcessFacts: Codable, Sendable {
  package var number: Int
  package var host: String
  package var pid: Int32
  package var version: String
  /// A checksum of the program, and the name of the processor: a program that was built for another
  /// processor may round differently, and so may another processor.
  package var program: String
  package var processor: String
  /// The element of activations: products are computed in it.
  package var precision: String
  /// The number of images to train on, and their fingerprint if they are files.
  package var images: Int
  package var fingerprint: String?
  /// Why the process could not prepare the phase.
  package var failure: String?

  package init(
    number: Int, host: String, pid: Int32, version: String, program: String, processor: String,
    precision: String, images: Int
  ) {
    (self.number, self.host, self.pid) = (number, host, pid)
    (self.version, self.program, self.processor) = (version, program, processor)
    (self.precision, self.images) = (precision, images)
  }
}

/// What a process says before a micro-batch: whether it has its inputs, and how the last step went.
struct InputReport: Codable, Sendable {
  /// Images that cannot be used.
  var problems: [String] = []
  /// Why there are no inputs; `isOutage` if they may come back.
  var failure: String?
  var isOutage = false
  /// The step before; nil at later micro-batches.
  var step: ProcessStep?
}

/// How a process spent a step.
struct ProcessStep: Codable, Sendable {
  /// Seconds of computing, of waiting for crops, and of waiting for other processes.
  var compute: Double
  var data: Double
  var network: Double
  var bytesSent: Int
  var memoryResident: Int?
  /// The checksums of a share of the state after the step, by part.
  var checksums: [String: String] = [:]
}
