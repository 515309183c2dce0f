import Foundation
import Run
import Testing
import Wire

extension Sandbox {
  /// Pauses runs, and single-steps those that are behind until all are at the same step. Returns
  /// the next step.
  func pauseAtOneStep(_ daemons: [String: Program]) throws -> Int {
    var next: [String: Int] = [:]
    for (name, daemon) in daemons {
      try waitForStep(1, of: name, daemon)
      next[name] = try #require(ask(name, .pause)?.step)
    }
    try eventually("all runs stand at one step") {
      let front = next.values.max()!
      for (name, step) in next where step < front { next[name] = try singleStep(name) }
      return Set(next.values).count == 1
    }
    return next.values.first!
  }

  /// Resumes a paused run and pauses it again at once. Returns the next step.
  private func singleStep(_ name: String) throws -> Int {
    let client = try RunClient(endpoints: endpoints(name), client: "program tests")
    defer { client.close() }
    try eventually("a connection to \(name)") {
      try client.poll().contains { if case .connected = $0 { true } else { false } }
    }
    try client.send(.change(.resume))
    let pause = try client.send(.change(.pause))
    return try waitFor("\(name) pauses") {
      for case .reply(let reply) in try client.poll() where reply.id == pause {
        if reply.outcome == .applied { return reply.step }
      }
      return nil
    }
  }
}
