import Engine
import FoundationEssentials
import Support

/// Which step of a run is recorded.
package struct StepTracing {
  let path: String
  private var step = 0

  /// - Parameter path: the file that is written.
  package init(path: String) { self.path = path }

  /// The run begins or resumes. The first steps are slower than others, so that the third is recorded.
  mutating func begin(after step: Int) { self.step = step + 3 }

  /// Whether a step is to be recorded. If it was not computed, the next one is.
  func isDue(_ step: Int) -> Bool { step >= self.step }
}

/// The file of a recorded step, in the trace event format of Chrome, which Perfetto and PyTorch's profiler use
/// as well: a process of the run is a process, and what it computed and sent are its threads.
struct StepTraceFile: Encodable {
  private struct Event: Encodable {
    struct Arguments: Encodable {
      var name: String?
      var bytes: Int?
    }

    var name: String
    var cat: String?
    var ph: String
    /// Microseconds.
    var ts: Double?
    var dur: Double?
    var pid: Int
    var tid: Int
    var args: Arguments?
  }

  private var traceEvents: [Event] = []

  /// - Parameters:
  ///   - spans: what each process has recorded.
  ///   - processes: who they are; empty for one.
  init(_ spans: [[StepTrace.Span]], _ processes: [ProcessFacts]) {
    for (number, spans) in spans.enumerated() {
      let name = processes.isEmpty ? "process 0" : processes[number].name
      let lanes = [StepTrace.Span.Lane.compute, .network]
      traceEvents.append(
        Event(name: "process_name", ph: "M", pid: number, tid: 0, args: .init(name: name)))
      for (thread, lane) in lanes.enumerated() {
        traceEvents.append(
          Event(
            name: "thread_name", ph: "M", pid: number, tid: thread,
            args: .init(name: lane.rawValue)))
      }
      traceEvents += spans.map { span in
        Event(
          name: span.name, cat: span.phase.isEmpty ? span.lane.rawValue : span.phase, ph: "X",
          ts: span.began * 1e6, dur: (span.ended - span.began) * 1e6, pid: number,
          tid: lanes.firstIndex(of: span.lane)!,
          args: span.lane == .network ? .init(bytes: span.bytes) : nil)
      }
    }
  }

  func write(to path: String) throws {
    try WholeFile.write(String(decoding: JSONEncoder().encode(self), as: UTF8.self), to: path)
  }
}
