import CZeroMQ
import Run
import Support
import Synchronization

/// The daemon's side of the wire. It publishes what happens in a run and receives commands.
///
/// One I/O thread owns both sockets and a `RunRecord` that follows the published messages. The
/// thread answers `snapshot` and `status` from that record, without the trainer. All methods but
/// `stop()` return at once, and all may be called from any thread; a slow or dead viewer costs the
/// trainer nothing.
///
/// The caller must hold the run's `RunLock`: a second bind of an `ipc://` path silently takes it
/// over.
package final class RunServer: Sendable {
  /// The endpoints as bound, with the actual port where any free one was asked for.
  package let endpoints: RunEndpoints
  private let mailbox: ServerMailbox
  private let thread: Mutex<PosixThread?>

  /// Binds the sockets and starts the I/O thread.
  ///
  /// - Parameters:
  ///   - record: The run so far.
  ///   - role: What clients may ask for. Sockets are in a folder of the run's owner, so clients
  ///     are owners by default.
  ///   - handler: Accepts or rejects changes; called on the I/O thread.
  package init(
    endpoints: RunEndpoints, record: RunRecord, role: ClientRole = .owner,
    handler: @escaping ChangeHandler
  ) throws(WireError) {
    try endpoints.prepareToListen()
    mailbox = ServerMailbox()
    let loop = try ServerLoop(
      endpoints: endpoints, record: record, role: role, mailbox: mailbox, handler: handler)
    self.endpoints = loop.endpoints
    do throws(PosixThreadError) {
      thread = Mutex(try PosixThread { [loop = LoopTransfer(loop: loop)] in loop.loop.run() })
    } catch {
      throw .system("the sockets: \(error)")
    }
  }

  deinit { stop() }

  /// Publishes a message, in the order of the calls. It costs a lock and no encoding. If thousands
  /// of messages are waiting, a step is dropped and leaves a gap in the sequence, and viewers then
  /// ask for a snapshot.
  package func publish(_ message: FeedMessage) { mailbox.leave(message) }

  /// Sends the final reply to a command to the client that asked: `applied`, `ok` or `rejected`.
  package func answer(_ reply: Reply) { mailbox.leave(reply) }

  /// Sends everything published so far, closes the sockets, removes their files and ends the
  /// thread. It takes up to about two seconds if a viewer does not read. Further calls do nothing.
  package func stop() {
    thread.withLock { thread in
      guard let running = thread else { return }
      mailbox.stop()
      running.join()
      thread = nil
    }
  }
}

/// Passes the loop to the thread that owns it from then on.
private struct LoopTransfer: @unchecked Sendable {
  let loop: ServerLoop
}
