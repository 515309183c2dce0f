import CClosure
import CFloat
import Support
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Threads that share the chunks of one piece of work after another.
///
/// Chunks are handed out as workers come free, so a core that is busy elsewhere holds nobody up.
/// Who computes a chunk must not change its result: cut work by its own size, never by the number
/// of workers, and the same bits come out of any number of them. For the same reason every thread that
/// has computed a chunk takes numbers below 1.2e-38 for zero, the caller's included.
package final class WorkerPool: @unchecked Sendable {
  /// How many threads compute, the caller's included.
  package let threads: Int

  /// Generation of the work in the upper half, chunks not yet taken in the lower. Taking a chunk
  /// is one compare-and-swap; it can only succeed while `job` belongs to that generation.
  private let ticket = Atomic<UInt64>(0)
  private let finished = Atomic<Int>(0)
  private let sleepers = Atomic<Int>(0)
  private let job = Atomic<UInt>(0)
  private let stopping = Atomic<Bool>(false)
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private let wake: UnsafeMutablePointer<pthread_cond_t>
  private var handles: [PosixThread] = []

  /// Rounds of looking for work before a worker goes to sleep, some 50 µs.
  private static let patience = 2000

  /// A pool of `threads`, of which `threads − 1` are started here; 0: one for each core.
  package init(threads: Int = 0) {
    self.threads = Self.count(threads)
    lock = .allocate(capacity: 1)
    wake = .allocate(capacity: 1)
    pthread_mutex_init(lock, nil)
    pthread_cond_init(wake, nil)
    for worker in 1..<max(1, self.threads) { start(worker) }
  }

  /// How many threads a pool of so many has; 0: one for each core, of which the processes of a run that
  /// share a host have their shares.
  package static func count(_ threads: Int, of place: ProcessPlace = .only) -> Int {
    threads > 0 ? threads : max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) / place.onHost)
  }

  /// Ends the threads. Nothing may be running.
  package func stop() {
    stopping.store(true, ordering: .sequentiallyConsistent)
    wakeSleepers()
    for handle in handles { handle.join() }
    handles = []
  }

  deinit {
    pthread_mutex_destroy(lock)
    pthread_cond_destroy(wake)
    lock.deallocate()
    wake.deallocate()
  }

  /// Calls `body` once for every chunk in 0 ..< chunks, in any order and on any thread, and returns
  /// when all are done. One caller at a time; `body` must not call `run` again. Allocates nothing.
  ///
  /// Not inlined: what `body` captures lives as long as this call.
  @inline(never)
  package func run(chunks: Int, _ body: (_ chunk: Int, _ worker: Int) -> Void) {
    dino_flush_denormals()
    guard chunks > 1 && threads > 1 else {
      for chunk in 0..<chunks { body(chunk, 0) }
      return
    }
    var closure = dino_closure()
    withUnsafeMutablePointer(to: &closure) { place in
      withBorrowed(place, body)
      finished.store(0, ordering: .relaxed)
      job.store(UInt(bitPattern: place), ordering: .relaxed)
      let generation = (ticket.load(ordering: .relaxed) >> 32) &+ 1
      ticket.store(generation << 32 | UInt64(chunks), ordering: .sequentiallyConsistent)
      if sleepers.load(ordering: .sequentiallyConsistent) > 0 { wakeSleepers() }
      while take(worker: 0) {}
      var rounds = 0
      while finished.load(ordering: .acquiring) < chunks {
        rounds += 1
        if rounds > Self.patience { sched_yield() }
      }
    }
  }

  /// Takes a chunk and computes it; false when there is none.
  private func take(worker: Int) -> Bool {
    let seen = ticket.load(ordering: .acquiring)
    let left = seen & 0xffff_ffff
    guard left > 0 else { return false }
    guard
      ticket.compareExchange(expected: seen, desired: seen - 1, ordering: .acquiringAndReleasing)
        .exchanged
    else { return true }
    dino_closure_call(
      UnsafePointer<dino_closure>(bitPattern: job.load(ordering: .relaxed)), Int(left - 1), worker)
    finished.add(1, ordering: .releasing)
    return true
  }

  private func wakeSleepers() {
    pthread_mutex_lock(lock)
    pthread_cond_broadcast(wake)
    pthread_mutex_unlock(lock)
  }

  private func work(_ worker: Int) {
    dino_flush_denormals()
    var idle = 0
    while !stopping.load(ordering: .relaxed) {
      if take(worker: worker) {
        idle = 0
        continue
      }
      idle += 1
      if idle > Self.patience {
        sleep()
        idle = 0
      }
    }
  }

  private func sleep() {
    pthread_mutex_lock(lock)
    sleepers.add(1, ordering: .sequentiallyConsistent)
    while ticket.load(ordering: .sequentiallyConsistent) & 0xffff_ffff == 0
      && !stopping.load(ordering: .sequentiallyConsistent)
    {
      pthread_cond_wait(wake, lock)
    }
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
    pthread_mutex_unlock(lock)
  }

  private func start(_ worker: Int) {
    do {
      handles.append(try PosixThread { [self] in work(worker) })
    } catch {
      preconditionFailure("\(error)")
    }
  }
}

/// Puts a closure where other threads can call it until the function that was given it returns.
@_silgen_name("dino_closure_lend")
private func withBorrowed(
  _ place: UnsafeMutablePointer<dino_closure>, _ body: (_ chunk: Int, _ worker: Int) -> Void)
