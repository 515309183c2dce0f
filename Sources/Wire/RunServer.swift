import CZeroMQ
import Run
import Support
import Synchronization

/// The daemon's side of the wire: publishes what happens in a run, takes commands for it.
///
/// One I/O thread owns both sockets and a `RunRecord` that follows what is published, from which it
/// answers `snapshot` and `status` without the trainer. Every call here may come from any thread
/// and returns at once; a slow or dead viewer costs the trainer nothing.
///
/// The caller holds the run's `RunLock`: a second bind of an `ipc://` path takes it over silently.
package final class RunServer: Sendable {
  /// The endpoints as bound.
  package let endpoints: RunEndpoints
  private let mailbox: ServerMailbox
  private let thread: Mutex<PosixThread?>

  /// Listens, and starts the I/O thread.
  ///
  /// - Parameters:
  ///   - record: the run so far.
  ///   - role: what those who connect may ask for; sockets in their owner's folder are its owner's.
  package init(
    endpoints: RunEndpoints, record: RunRecord, role: Role = .owner,
    handler: @escaping ChangeHandler
  ) throws(WireError) {
    try endpoints.prepareToListen()
    mailbox = ServerMailbox()
    let loop = try ServerLoop(
      endpoints: endpoints, record: record, role: role, mailbox: mailbox, handler: handler)
    self.endpoints = loop.endpoints
    do throws(PosixThreadError) {
      thread = Mutex(try PosixThread { [loop = Handover(loop: loop)] in loop.loop.run() })
    } catch {
      throw .system("the sockets: \(error)")
    }
  }

  deinit { stop() }

  /// Publishes a message, in the order of the calls. Costs a lock and no encoding. Where thousands
  /// wait, a step is dropped and leaves a hole in the sequence, upon which viewers ask again.
  package func publish(_ message: FeedMessage) { mailbox.leave(message) }

  /// Tells the client that sent a command what became of it: `applied` at a step, or `rejected`.
  package func answer(_ reply: Reply) { mailbox.leave(reply) }

  /// Sends what was published before, closes the sockets, removes their files and ends the thread;
  /// takes at most some two seconds, where a viewer does not read. Further calls do nothing.
  package func stop() {
    thread.withLock { thread in
      guard let running = thread else { return }
      mailbox.stop()
      running.join()
      thread = nil
    }
  }
}

/// The loop on its way to the thread that owns it from then on.
private struct Handover: @unchecked Sendable {
  let loop: ServerLoop
}
