import Engine
import Foundation
import KernelsCPU
import Recipe
import Store
import Support
import Tensor
import TestSupport
import Testing

/// Checkpoints to which every process writes what it owns.
@Suite("Checkpoints of several processes")
struct SharedCheckpointTests {
  private let folder = TemporaryFolder()

  private static let ways = [
    RankRun.Way(name: "one student", world: 4),
    RankRun.Way(name: "two students of a frozen teacher", world: 4, isDistilled: true),
  ]

  @Test(
    "every process writes its part, and the files are those of one process, byte for byte",
    arguments: ways, [Recipe.ShardingStrategy.shardGradOp, .fullShard])
  func sameBytes(_ way: RankRun.Way, _ sharding: Recipe.ShardingStrategy) throws {
    let alone = try write(way, processes: 1, sharding).get()
    for processes in [2, 4] {
      let shared = try write(way, processes: processes, sharding).get()
      try shared.verify()
      let files = shared.manifest.files
      #expect(files.map(\.name) == alone.manifest.files.map(\.name))
      for file in files {
        #expect(try bytes(shared, file.name) == bytes(alone, file.name), "\(file.name)")
        // Every process wrote, besides the header.
        #expect(file.parts.count > processes, "\(file.name)")
      }
    }
  }

  @Test("a process that cannot write its part is named by its host, and no checkpoint is left")
  func failure() throws {
    let result = write(Self.ways[0], processes: 2, .fullShard, misled: 1)
    let error = #expect(throws: FileError.self) { try result.get() }
    #expect(error?.file.hasPrefix("\(HostName.own): /") == true)
    #expect(error?.what.hasPrefix("cannot be opened") == true)
    #expect(folder.names(in: "2") == [])
  }

  private func bytes(_ checkpoint: Checkpoint, _ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: checkpoint.file(name)))
  }

  /// Has processes write the state after a step. Process `misled` is given paths of files that are not there.
  private func write(
    _ way: RankRun.Way, processes: Int, _ sharding: Recipe.ShardingStrategy,
    misled: Int? = nil
  ) -> Result<Checkpoint, FileError> {
    let store = CheckpointStore(directory: folder.file("\(processes)"))
    let results = ThreadProcesses(processes).run { collectives -> Result<Checkpoint, FileError>? in
      let kernels = CPUKernels(pool: WorkerPool(threads: 1), collectives: collectives)
      guard
        let engine = try? RankRun.engine(way, images: 2, kernels, sharding: sharding, sent: .fp32)
      else { preconditionFailure("no memory for a small engine") }
      _ = engine.step(SmallRun.values(lr: 1e-3), batches: 1, withDiagnostics: false) { _ in
        engine.shape.ranks.local.map {
          RankRun.input(way, engine.shape, batch: $0, isSpoiled: false)
        }
      }
      guard collectives.place.number == 0 else {
        Self.follow(engine, collectives, isMisled: collectives.place.number == misled)
        return nil
      }
      engine.onCall = { _ = collectives.broadcast([UInt8](try! JSONEncoder().encode($0))) }
      defer { _ = collectives.broadcast([]) }
      do throws(FileError) {
        return .success(
          try store.write(step: 1) { (writer) throws(FileError) in try engine.write(to: writer) })
      } catch {
        return .failure(error)
      }
    }
    return results[0]!
  }

  /// Joins the calls that process 0 announces.
  private static func follow(_ engine: Engine, _ collectives: any Collectives, isMisled: Bool) {
    while true {
      let message = collectives.broadcast([])
      guard !message.isEmpty,
        var call = try? JSONDecoder().decode(Engine.Call.self, from: Data(message))
      else { return }
      if isMisled, case .save(let file, let student, let path, let offset) = call {
        call = .save(file: file, student: student, path: path + ".gone", offset: offset)
      }
      engine.join(call)
    }
  }
}
