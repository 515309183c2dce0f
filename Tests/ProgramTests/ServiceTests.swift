import Foundation
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#endif

extension Programs {
  /// A run that systemd or Slurm starts.
  @Suite final class ServiceTests {
    let home = Sandbox()

    @Test(
      "systemd hears that a run begins, is ready, what it does, that it lives, and that it ends")
    func systemd() throws {
      let manager = try Manager(home.path + "/notify")
      let daemon = try home.train(
        "moths", ["optim.epochs=25000"],
        under: [
          "/usr/bin/env", "NOTIFY_SOCKET=\(manager.path)", "WATCHDOG_USEC=600000",
        ])
      try home.waitForStep(15, of: "moths", daemon)
      try eventually("it is ready and alive") {
        manager.hear()
        return manager.heard.count { $0 == "WATCHDOG=1" } > 3
      }
      let begun = try #require(manager.heard.firstIndex { $0.hasPrefix("READY=1") })
      #expect(manager.heard[..<begun].contains { $0.hasPrefix("EXTEND_TIMEOUT_USEC=60000000") })
      #expect(manager.heard.contains("STATUS=moths is running"))
      #expect(manager.heard.contains { $0.wholeMatch(of: /STATUS=step \d+, loss [\d.]+/) != nil })
      #expect(home.ask("moths", .pause)?.outcome == .applied)
      try eventually("a pause is no death") {
        manager.hear()
        let paused = manager.heard.firstIndex { $0.hasPrefix("STATUS=moths is paused: paused by") }
        return paused.map { manager.heard[$0...].count { $0 == "WATCHDOG=1" } > 3 } ?? false
      }
      daemon.kill(SIGTERM)
      #expect(try daemon.wait().code == 0)
      manager.hear()
      #expect(manager.heard.contains("STOPPING=1"))
    }

    @Test("a job of Slurm goes back into the queue at SIGUSR1, and at no other end")
    func slurm() throws {
      let queue = home.path + "/queue"
      let folder = home.path + "/slurm"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let scontrol = try home.write(
        "#!/bin/sh\necho \"$@\" >> \(queue)\n[ ! -e \(home.path)/full ]\n", to: "slurm/scontrol")
      #expect(chmod(scontrol, 0o755) == 0)
      let job = [
        "/usr/bin/env", "SLURM_JOB_ID=77", "PATH=\(folder):/usr/bin:/bin",
      ]
      func end(by signal: Int32) throws -> Program.Ending {
        let daemon = try home.train(
          "moths", ["optim.epochs=25000"], options: ["--requeue"], under: job)
        let now = home.ask("moths", .status)?.status?.step ?? 0
        try home.waitForStep(now + 15, of: "moths", daemon)
        daemon.kill(signal)
        return try daemon.wait()
      }
      #expect(try end(by: SIGTERM).code == 0 && !FileManager.default.fileExists(atPath: queue))
      let ending = try end(by: SIGUSR1)
      #expect(ending.code == 0, "\(ending)")
      #expect(try String(contentsOfFile: queue, encoding: .utf8) == "requeue 77\n")
      // It is saved before, so that the job that begins again finds it.
      let newest = try #require(try home.checkpoints("moths").list().last)
      #expect(ending.output.contains("moths: stopped after step \(newest.step)\n"))
      #expect(ending.output.contains("requeue: job 77 goes back into the queue"))
      try home.write("", to: "full")
      let refused = try end(by: SIGUSR1)
      #expect(refused.code == 1 && refused.errors.contains("scontrol requeue 77 failed"))
      let outside = try home.train("wings", [], options: ["--requeue"]).wait()
      #expect(outside.errors.contains("--requeue is for jobs of Slurm"), "\(outside)")
      #expect(!home.run("wings").exists)
    }

    @Test("dino doctor finds nothing amiss here, and names what is")
    func doctor() throws {
      let well = try home.dino("doctor")
      #expect(well.code == 0 && well.output.hasSuffix("Training works here.\n"), "\(well)")
      let key = try home.write("12\n", to: ".config/dino/secret-key")
      #expect(chmod(key, 0o644) == 0)
      let parent = home.path + "/readonly"
      try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
      let ill = try home.dino("doctor", "--json")
      #expect(ill.code == 1)
      let list = try JSONSerialization.jsonObject(with: Data(ill.output.utf8))
      let found = try #require(list as? [[String: String]])
      let troubles = found.filter { $0["level"] == "trouble" }
      #expect(troubles.map { $0["subject"] } == ["keys"])
      #expect(troubles.first?["found"]?.contains("may be read by others") == true)
      #expect(found.contains { $0["subject"] == "disk speed" })
      #expect(try home.dino("doctor", "x").code == 2)
    }
  }
}

/// Hears what a service tells its manager, as systemd does.
private final class Manager {
  let path: String
  private(set) var heard: [String] = []
  private let socket: Int32

  init(_ path: String) throws {
    self.path = path
    socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: ByteText.bytes(path)) }
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(code == 0)
  }

  deinit { close(socket) }

  /// Takes what has come.
  func hear() {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(socket, &bytes, bytes.count, Int32(MSG_DONTWAIT))
      guard count > 0 else { return }
      let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
      heard += lines.map(String.init)
    }
  }
}
