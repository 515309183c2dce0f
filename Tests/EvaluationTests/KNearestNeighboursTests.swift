import Evaluation
import KernelsCPU
import Tensor
import Testing

@Suite("k-NN judges features as the paper does")
struct KNearestNeighboursTests {
  private func accuracy(
    _ bank: [Float], _ bankLabels: [Int], _ queries: [Float], _ labels: [Int], k: Int
  ) throws -> Double {
    try KNearestNeighbours(k: k, temperature: 0.07).accuracy(
      bank: bank, bankLabels: bankLabels, queries: queries, queryLabels: labels, classes: 3,
      kernels: CPUKernels(pool: WorkerPool(threads: 1)))
  }

  @Test("the nearest by angle votes, whatever its length")
  func angle() throws {
    let bank: [Float] = [10, 0, 0, 0.1, -5, -5]
    let queries: [Float] = [0.2, 0.05, 1, 9, -0.1, -0.2]
    #expect(try accuracy(bank, [0, 1, 2], queries, [0, 1, 2], k: 1) == 1)
    #expect(try accuracy(bank, [0, 1, 2], queries, [1, 1, 2], k: 1) == 2.0 / 3)
  }

  @Test("a near neighbour outvotes several far ones")
  func weights() throws {
    // At temperature 0.07 a cosine of 1 has e^(0.5 / 0.07) ≈ 1265 times the weight of one of 0.5.
    let bank: [Float] = [1, 0, 0.5, 0.866, 0.5, -0.866]
    #expect(try accuracy(bank, [0, 1, 1], [1, 0], [0], k: 3) == 1)
  }

  @Test("k beyond the bank takes the whole bank")
  func small() throws {
    #expect(try accuracy([1, 0, 0, 1], [0, 1], [1, 0.2], [0], k: 20) == 1)
  }
}
