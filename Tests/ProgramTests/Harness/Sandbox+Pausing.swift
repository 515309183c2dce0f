import Foundation
import Run
import Testing
import Wire

extension Sandbox {
  /// Pauses runs and lets those that are behind do single steps until all stand at one step; gives
  /// the step that comes next.
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

  /// Lets a paused run go on and pauses it in the same breath; gives the step that comes next.
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
