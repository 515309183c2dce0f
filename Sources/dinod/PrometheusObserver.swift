import Prometheus
import Run
import Trainer

/// Serves what the trainer reports to Prometheus.
final class PrometheusObserver: RunObserver {
  private let server: MetricsServer?
  private var found: [Finding] = []

  /// Listens on a port of 127.0.0.1. If that is not possible, it is found, and nothing is served.
  init(port: Int, _ status: RunStatus) {
    var page = MetricsPage(run: status.name)
    page.take(status)
    do throws(MetricsServerError) {
      server = try MetricsServer(port: port, page)
      found = [(.info, "prometheus", "http://127.0.0.1:\(port)/metrics has the metrics")]
    } catch {
      server = nil
      found = [
        (
          .warning, "prometheus",
          "\(error); training goes on without it; choose another session.prometheus"
        )
      ]
    }
  }

  func stepped(_ sample: Sample) { server?.update { $0.take(sample) } }
  func changed(_ status: RunStatus) { server?.update { $0.take(status) } }
  func happened(_ event: RunEvent) { server?.update { $0.take(event) } }
  func evaluated(_ evaluation: ProbeResult) { server?.update { $0.take(evaluation) } }

  func findings() -> [Finding] {
    defer { found = [] }
    return found
  }

  /// Ends the connections.
  func stop() { server?.stop() }
}
