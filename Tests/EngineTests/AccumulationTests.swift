import Engine
import KernelsCPU
import Model
import Objective
import Optimiser
import Tensor
import Testing

@Suite("A step of several batches learns from the mean of their gradients")
struct AccumulationTests {
  @Test("losses and gradients are means over the batches, each with targets and KoLeo of its own")
  func mean() throws {
    let engine = try SmallRun.engine(images: 2, .sinkhornKnopp)
    let batches = [SmallRun.batch([0, 1]), SmallRun.batch([2, 3]), SmallRun.batch([4, 5])]
    var sum = [Float](repeating: 0, count: engine.layout.count)
    var losses = Losses()
    for batch in batches {
      losses.add(engine.step(batch, SmallRun.values()).losses, share: 1 / 3)
      sum = zip(sum, engine.values(of: .gradients)).map { $0 + $1 / 3 }
    }
    let outcome = engine.step(SmallRun.values(), batches: 3) { batches[$0] }
    #expect(SmallRun.worst(engine, engine.values(of: .gradients), sum) < 2e-5)
    #expect(abs(outcome.losses.koleo - losses.koleo) < 1e-6 && losses.koleo != 0)
    #expect(abs(outcome.losses.ibot - losses.ibot) < 1e-6 && losses.ibot > 0)
    #expect(abs(outcome.total - losses.total(SmallRun.values().weights)) < 1e-6)
  }

  @Test("with centering and without KoLeo two batches are one batch of twice the images")
  func doubled() throws {
    let small = try SmallRun.engine(images: 2, .centering)
    let large = try SmallRun.engine(images: 4, .centering)
    let halves = [SmallRun.batch([0, 1]), SmallRun.batch([2, 3])]
    // The second step sees a center that the first has moved.
    for _ in 0..<2 {
      let one = small.step(SmallRun.values(lr: 1e-3, koleo: 0, clip: 0.1), batches: 2) {
        halves[$0]
      }
      let other = large.step(
        SmallRun.batch([0, 1, 2, 3]), SmallRun.values(lr: 1e-3, koleo: 0, clip: 0.1))
      #expect(abs(one.total - other.total) < 1e-5)
      for (a, b) in zip(one.gradientNorms, other.gradientNorms) { #expect(abs(a - b) < 1e-4 * b) }
      #expect(
        SmallRun.worst(large, small.values(of: .gradients), large.values(of: .gradients)) < 1e-4)
    }
    for name in ["dino", "ibot"] {
      let (a, b) = (try #require(small.centers[name]), try #require(large.centers[name]))
      #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-5 } && b.contains { abs($0) > 1e-3 })
    }
    #expect(SmallRun.worst(large, small.values(of: .teacher), large.values(of: .teacher)) < 1e-4)
    #expect(small.updates == 2)
  }

  @Test("one batch that is not finite spoils its step, which changes nothing")
  func notFinite() throws {
    let engine = try SmallRun.engine(images: 2, .sinkhornKnopp)
    var batches = [SmallRun.batch([0, 1]), SmallRun.batch([2, 3])]
    batches[0].localCrops[3] = .nan
    let before = engine.values(of: .student)
    let outcome = engine.step(SmallRun.values(lr: 1e-3), batches: 2) { batches[$0] }
    #expect(!outcome.updated && engine.values(of: .student) == before)
  }
}
