import Kernels
import Support
import Tensor

/// Records when the parts of a step were computed, waited for and sent, to be looked at.
///
/// Computing is a sequence of marks, each of which lasts until the next one. Only the trainer's thread calls.
package final class StepTrace {
  /// What happened for a while.
  package struct Span: Codable, Sendable, Equatable {
    /// The row that it is drawn in.
    package enum Lane: String, Codable, Sendable { case compute, network }

    package let lane: Lane
    /// The part of the step: `teacher`, `student`, `backward`, `optimiser`; `waiting` for others.
    package let phase: String
    /// A unit of parameters, or what else was computed or sent.
    package let name: String
    /// Seconds since the step began.
    package let began: Double
    package let ended: Double
    /// Bytes that this process sent.
    package let bytes: Int
  }

  private struct Mark {
    let phase: String
    let name: String
    let time: Double
  }

  private let start = Clock.monotonic()
  private var marks: [Mark] = []
  private var names: [(calls: ClosedRange<Int>, name: String)] = []

  package init() {}

  /// The part of the step that marks belong to.
  var phase = ""

  /// Something else is computed from now on.
  func mark(_ name: String) {
    marks.append(Mark(phase: phase, name: name, time: Clock.monotonic()))
  }

  /// Counts the time of `body` as waiting for other processes.
  func waiting(for name: String, _ body: () -> Void) {
    let before = marks.last
    marks.append(Mark(phase: "waiting", name: name, time: Clock.monotonic()))
    body()
    guard let before else { return }
    marks.append(Mark(phase: before.phase, name: before.name, time: Clock.monotonic()))
  }

  /// Names what is sent by `body`, which starts it.
  func sending(
    _ name: String, _ kernels: any Kernels, _ body: () -> CollectiveTicket
  ) -> CollectiveTicket {
    let first = kernels.collectives.traffic.calls + 1
    let ticket = body()
    if ticket.number >= first { names.append((first...ticket.number, name)) }
    return ticket
  }

  /// Ends the recording.
  ///
  /// - Parameter transfers: what the link has recorded since the beginning.
  package func spans(_ transfers: [LinkTransfer]) -> [Span] {
    let end = Clock.monotonic()
    let ends = marks.dropFirst().map(\.time) + [end]
    // A wait for something that is there takes no time worth drawing.
    let computed = zip(marks, ends).filter { $1 - $0.time > 1e-5 }.map { mark, end in
      Span(
        lane: .compute, phase: mark.phase, name: mark.name, began: mark.time - start,
        ended: end - start, bytes: 0)
    }
    return computed
      + transfers.map { transfer in
        // What nobody has named are sums of Sinkhorn-Knopp, losses and norms, and what processes report.
        let name = names.first { $0.calls.contains(transfer.number) }.map(\.name)
        return Span(
          lane: .network, phase: "", name: name ?? "sums",
          began: transfer.began - start, ended: transfer.ended - start, bytes: transfer.bytes)
      }
  }
}
