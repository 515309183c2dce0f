import Control
import History
import Run
import Screen
import Support

/// The runs of this machine and of others, with the hosts that did not answer.
struct RunListing {
  private(set) var runs: [ListedRun] = []
  private(set) var silent: [HostSurvey.Answer] = []

  /// Asks for all runs.
  ///
  /// - Parameters:
  ///   - only: the host to ask; `nil` for this machine and, `withHosts`, for all of `dino hosts`.
  ///   - folder: the folder of this machine's runs; `nil` for the usual ones, beside which hosts are asked.
  init(host only: String? = nil, withHosts: Bool = true, folder: String?) throws {
    if only == nil {
      // A run whose database is damaged must not hide the others.
      runs = try RunSelection.directories(folder).map { FoundRun($0) }
        .sorted { $0.modified > $1.modified }.map { run in
          ListedRun(
            label: run.name, name: run.name, host: nil, place: run.place,
            summary: Result { try run.directory(for: "dino ls").outline() })
        }
    }
    let hosts = try only.map { [try RemoteHosts.named($0).0] } ?? HostList.read().hosts
    guard !hosts.isEmpty, withHosts, folder == nil else { return }
    let own = try RemoteHosts.ownKeys()
    for answer in HostSurvey.ask(hosts, own: own, client: RemoteHosts.client) {
      guard case .success(let summaries) = answer.runs else {
        silent.append(answer)
        continue
      }
      runs += summaries.map { summary in
        let run = FoundRun(
          summary.status.name, on: answer.host, own: own, isTraining: summary.alive)
        return ListedRun(
          label: run.name, name: summary.status.name, host: answer.host.name, place: run.place,
          summary: .success(summary))
      }
    }
  }

  /// Returns the rows of the dashboard's list. If hosts cannot be asked, a row says why, below the runs of
  /// this machine.
  static func rows(host: String?, folder: String?) -> [RunRow] {
    do {
      return try RunListing(host: host, folder: folder).rows
    } catch {
      let own = host == nil ? try? RunListing(withHosts: false, folder: folder).rows : nil
      return (own ?? [])
        + [RunRow(host ?? "hosts", at: nil, summary: nil, problem: "\(error)")]
    }
  }

  /// The rows of the dashboard's list: a tree, and then the hosts that did not answer.
  var rows: [RunRow] {
    // By when they were started, so that rows do not change places while one looks.
    func started(_ run: ListedRun) -> Double { (try? run.summary.get())?.status.startedAt ?? 0 }
    return RunTree(runs.sorted { started($0) > started($1) }).rows.map { row in
      var problem: String?
      if case .failure(let error) = row.run.summary { problem = "\(error)" }
      return RunRow(
        row.run.label, at: row.run.place, branch: row.branch,
        summary: try? row.run.summary.get(), problem: problem)
    }
      + silent.map { answer in
        var (state, problem) = ("silent", "")
        if case .failure(let error) = answer.runs {
          (state, problem) = (error.hostState, "\(error)")
        }
        return RunRow(
          "\(answer.host.name):", at: nil, summary: nil, problem: problem, state: state)
      }
  }
}
