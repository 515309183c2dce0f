import Foundation
import Store
import Testing

extension Commands {
  /// A run whose heads learn alone at first, as those of released weights have to.
  @Suite final class ContinueTests {
    let home = Sandbox()
    private var random = SplitMix(seed: 12)

    /// 60 steps of the heads, then 100 of everything.
    private let phases = [
      "optim.epochs=2.5", "session.checkpoint_every=30", "session.checkpoint_keep=10",
      "phases=[{name: heads, steps: 60, optim: {freeze_backbone: true}}, {name: all}]",
    ]

    /// The values of a checkpoint's tensors whose names begin with a prefix.
    private func tensors(
      _ part: String, _ prefix: String, step: Int, of name: String = "moths"
    ) throws -> [String: [Float]] {
      let checkpoint = try home.checkpoints(name).checkpoint(step: step)
      let file = try SafetensorsFile(path: checkpoint.file(part))
      return try Dictionary(
        uniqueKeysWithValues: file.tensors.filter { $0.name.hasPrefix(prefix) }.map {
          ($0.name, try file.floats($0.name))
        })
    }

    @Test("the backbone rests while the heads learn, and then the moments begin anew")
    func rests() throws {
      try home.trainToTheEnd("moths", phases)
      let resting = try [30, 60].map { try tensors("student.safetensors", "backbone.", step: $0) }
      #expect(resting[0] == resting[1] && !resting[0].isEmpty)
      let heads = try [30, 60].map { try tensors("student.safetensors", "dino_head.", step: $0) }
      #expect(heads[0] != heads[1])
      #expect(try tensors("student.safetensors", "backbone.", step: 90) != resting[1])
      // The teacher's backbone is an average of equal weights, but for rounding.
      let teacher = try tensors("teacher.safetensors", "backbone.", step: 60)
      for (name, values) in resting[1] {
        let average = try #require(teacher[name])
        #expect(zip(values, average).allSatisfy { abs($0 - $1) <= 1e-6 * max(1, abs($0)) })
      }
      let moments = try tensors("optimizer.safetensors", "exp_avg.backbone.", step: 60)
      #expect(!moments.isEmpty && moments.values.allSatisfy { $0.allSatisfy { $0 == 0 } })
      let updates = try [60, 90].map { step in
        try SafetensorsFile(
          path: home.checkpoints("moths").checkpoint(step: step).file("optimizer.safetensors")
        ).metadata["optimizer_updates"]
      }
      #expect(updates == ["60", "30"])
      #expect(
        try home.events("moths").contains { $0.text.contains("the moments begin anew") })
    }

    @Test("killed around the thaw, a run ends with the weights of an unbroken one")
    func killed() throws {
      try home.trainToTheEnd("unbroken", phases)
      for step in [58, 60, 60, 61, 70] {
        let daemon = try home.train("broken", phases)
        try home.waitForStep(step, of: "broken", daemon)
        usleep(UInt32.random(in: 0...6000, using: &random))
        try daemon.killAtOnce()
      }
      try home.trainToTheEnd("broken", phases)
      #expect(try home.weights("broken", step: 160) == home.weights("unbroken", step: 160))
    }
  }
}
