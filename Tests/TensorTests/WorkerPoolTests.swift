import Synchronization
import Tensor
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("A pool of threads")
struct WorkerPoolTests {
  @Test("every chunk is computed once, awake or woken from sleep", arguments: [1, 2, 3, 8])
  func chunks(threads: Int) {
    let pool = WorkerPool(threads: threads)
    defer { pool.stop() }
    var random = CounterRandom(seed: 1, use: .test, threads)
    var counts = [Int](repeating: 0, count: 64)
    for round in 0..<3000 {
      let chunks = Int(random.next32() % 65)
      // Long enough for the workers to fall asleep.
      if round % 500 == 0 { usleep(2000) }
      counts.withUnsafeMutableBufferPointer { counts in
        nonisolated(unsafe) let counts = counts
        counts.update(repeating: 0)
        pool.run(chunks: chunks) { chunk, worker in
          counts[chunk] += worker < threads ? 1 : 100
        }
      }
      #expect(counts.prefix(chunks).allSatisfy { $0 == 1 })
      #expect(counts.dropFirst(chunks).allSatisfy { $0 == 0 })
    }
  }

  @Test("every thread takes denormal numbers for zero", arguments: [1, 2, 3])
  func denormals(threads: Int) {
    // A thread begins as the one that makes it is: this one as the system leaves it.
    #expect(fesetenv(UnsafePointer(bitPattern: -1)) == 0)
    let pool = WorkerPool(threads: threads)
    defer { pool.stop() }
    let small = [Float](repeating: 2e-38, count: threads)
    let begun = Atomic<Int>(0)
    var quarters = [Float](repeating: -1, count: threads)
    quarters.withUnsafeMutableBufferPointer { quarters in
      nonisolated(unsafe) let quarters = quarters
      pool.run(chunks: threads) { chunk, _ in
        // No thread is done with its chunk before each has one.
        begun.add(1, ordering: .sequentiallyConsistent)
        while begun.load(ordering: .sequentiallyConsistent) < threads { sched_yield() }
        quarters[chunk] = small[chunk] * 0.25
      }
    }
    #expect(quarters.allSatisfy { $0.bitPattern == 0 })
  }

  @Test("a chunk sees what its caller captured, and the caller what it wrote")
  func captures() {
    let pool = WorkerPool(threads: 3)
    defer { pool.stop() }
    let sum = Atomic<Int>(0)
    for round in 1...1000 {
      let (a, b) = (round, [round, 2 * round])
      pool.run(chunks: 5) { chunk, _ in sum.add(a + b[1] + chunk, ordering: .relaxed) }
    }
    #expect(sum.load(ordering: .relaxed) == 15 * 500_500 + 10 * 1000)
  }
}
