import Run
import Support
import Wire

/// Asks many hosts at once which runs they have, so that one that does not answer holds nobody up.
package enum HostSurvey {
  /// What a host answered, or why it did not.
  package struct Answer {
    package let host: Host
    /// Its runs, from the one that was at work last.
    package let runs: Result<[RunSummary], WireError>
  }

  /// Seconds that hosts have to answer.
  package static let patience = 1.5

  /// Asks all hosts for their runs. Answers are in the order of `hosts`. It takes `patience` at most.
  package static func ask(_ hosts: [Host], own: CurveKeyPair, client: String) -> [Answer] {
    var results = [Result<[RunSummary], WireError>?](repeating: nil, count: hosts.count)
    let inquiries: [Inquiry?] = hosts.enumerated().map { index, host in
      do throws(WireError) {
        return try Inquiry(.runs, at: host.endpoints(run: nil, own: own), client: client)
      } catch {
        results[index] = .failure(error)
        return nil
      }
    }
    let deadline = Clock.monotonic() + patience
    while results.contains(where: { $0 == nil }), Clock.monotonic() < deadline {
      for (index, inquiry) in inquiries.enumerated() where results[index] == nil {
        results[index] = inquiry.flatMap(answer)
      }
      _ = inquiries.enumerated().first { results[$0.offset] == nil }?.element?.wait(seconds: 0.02)
    }
    defer { for inquiry in inquiries { inquiry?.close() } }
    return zip(hosts, zip(inquiries, results)).map { host, asked in
      let trouble = asked.0.map { inquiry in
        inquiry.isSent ? .timedOut(seconds: patience, accepted: false) : inquiry.trouble
      }
      return Answer(
        host: host,
        runs: asked.1 ?? .failure(trouble ?? .notRunning(endpoint: "\(host.address)")))
    }
  }

  /// Returns what has come; `nil` if nothing has yet.
  private static func answer(_ inquiry: Inquiry) -> Result<[RunSummary], WireError>? {
    do throws(WireError) {
      guard let reply = try inquiry.poll() else { return nil }
      guard let runs = reply.runs else {
        return .failure(.rejected(reply.reason ?? "the gate gave no list of runs"))
      }
      return .success(runs.sorted { ($0.time ?? 0) > ($1.time ?? 0) })
    } catch {
      return .failure(error)
    }
  }
}
