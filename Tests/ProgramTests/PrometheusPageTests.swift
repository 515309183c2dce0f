import Foundation
import History
import Run
import Testing

#if canImport(Glibc)
  import Glibc
#endif

extension Programs {
  /// The page of a real run, as Prometheus's own parser reads it.
  @Suite(.enabled(if: Python.isThere, "scripts/test-python makes the environment"))
  final class PrometheusPageTests {
    let home = Sandbox()
    /// A run that does not end by itself.
    private let endless = ["optim.epochs=1000000", "session.checkpoint_every=1000000"]

    /// What the script `read_metrics.py` found: values by a family's sample and its labels as JSON.
    private struct Page: Decodable {
      var kind: String
      var types, helps: [String: String]
      var values: [String: Double]
    }

    /// Returns a port that nobody listens on, as far as one can know.
    private func freePort() -> Int {
      let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(socket) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      var size = socklen_t(MemoryLayout<sockaddr_in>.size)
      withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          _ = bind(socket, $0, size)
          _ = getsockname(socket, $0, &size)
        }
      }
      return Int(UInt16(bigEndian: address.sin_port))
    }

    private func read(_ port: Int) throws -> Page {
      let ending = try home.start(Python.words("read_metrics.py", "\(port)")).wait()
      try #require(ending.code == 0, "\(ending)")
      return try JSONDecoder().decode(Page.self, from: Data(ending.output.utf8))
    }

    @Test(
      "a run serves its metrics, which the parser understands, and two daemons do not disturb each other"
    )
    func serves() throws {
      let port = freePort()
      let daemon = try home.train("moths", endless + ["session.prometheus=\(port)"])
      try home.waitForStep(20, of: "moths", daemon)
      #expect(home.ask("moths", .pause)?.outcome == .applied)
      let status = try #require(home.ask("moths", .status)?.status)
      let page = try read(port)
      #expect(page.kind == "text/plain; version=0.0.4; charset=utf-8")
      let run = "{\"run\": \"moths\"}"
      #expect(page.values["dino_steps_total \(run)"] == Double(status.step))
      #expect(page.values["dino_step \(run)"] == Double(status.step))
      #expect(page.values["dino_images_total \(run)"] == Double(4 * status.step))
      #expect(page.types["dino_steps"] == "counter" && page.types["dino_lr"] == "gauge")
      #expect(page.helps["dino_time_step"] == "time step (throughput), in seconds")
      #expect(page.values["dino_state {\"run\": \"moths\", \"state\": \"paused\"}"] == 1)
      var sample: Sample?
      let reader = try HistoryReader(directory: home.run("moths"))
      try reader.samples(in: status.step...status.step) { sample = $0 }
      #expect(page.values["dino_total_loss \(run)"] == sample?[.totalLoss])
      #expect(page.values["dino_knn_untrained {\"probe\": \"knn\", \"run\": \"moths\"}"] != nil)

      // A second run with the same port trains without it, and says so.
      let other = try home.train("wasps", ["optim.epochs=1", "session.prometheus=\(port)"]).wait()
      #expect(other.code == 0)
      let said = try home.events("wasps").filter { $0.kind == "prometheus" }
      #expect(said.count == 1 && said[0].level == .warning, "\(said)")
      #expect(said.first?.text.contains("127.0.0.1:\(port) cannot be listened on") == true)
      #expect(home.ask("moths", .stop)?.outcome == .applied)
      #expect(try daemon.wait().code == 0)
    }
  }
}
