import Foundation
import Notices
import Support
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(20))) struct NoticeTests {
  private let folder = TemporaryFolder()
  private var outbox: Outbox { Outbox(folder: folder.file("notices")) }
  private let notice = Notice(
    .alarm, run: "moths", step: 1200, text: "collapsing: \"entropy\" at ln K\nnow")

  @Test("a notice reaches each kind of receiver in its own form, once")
  func kinds() throws {
    let web = TinyWeb { _ in .status(204) }
    defer { web.stop() }
    let destinations: [Destination] = [.json, .ntfy, .slack, .discord].map { kind in
      Destination(
        name: "\(kind)", kind: kind, target: "http://127.0.0.1:\(web.port)/\(kind)")
    }
    let courier = try Courier(outbox, destinations)
    courier.send(notice, to: destinations.map(\.name))
    #expect(courier.close() == 0)
    let log = web.log.sorted { $0.target < $1.target }
    #expect(log.map(\.target) == ["/discord", "/json", "/ntfy", "/slack"])
    let texts = log.map { String(decoding: $0.body, as: UTF8.self) }
    let line = "moths on \(HostName.own): alarm at step 1,200: collapsing: "
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(log[1].body)) as? [String: Any])
    let inner = try #require(json["notice"] as? [String: Any])
    #expect(inner["id"] as? String == notice.id && inner["step"] as? Int == 1200)
    #expect(json["attempts"] as? Int == 1)
    for (text, key) in [(texts[0], "content"), (texts[3], "text")] {
      let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String]
      #expect(object?[key]?.hasPrefix(line) == true)
    }
    #expect(texts[2].hasPrefix(line))
    #expect(
      log[2].header.contains("Title: moths: alarm") && log[2].header.contains("Priority: high"))
    #expect(log.allSatisfy { $0.header.contains("Idempotency-Key: \(notice.id)") })
    #expect(folder.names(in: "notices").isEmpty)
  }

  @Test("a server in trouble is asked again, and what came twice says so")
  func again() throws {
    let web = TinyWeb { request in request.before == 0 ? .status(503) : .status(200) }
    defer { web.stop() }
    let courier = try Courier(outbox, [hook(web)])
    courier.send(notice, to: ["hook"])
    let end = Clock.monotonic() + 30
    while web.log.count < 2, Clock.monotonic() < end { usleep(10_000) }
    #expect(courier.close() == 0)
    let bodies = web.log.map { String(decoding: $0.body, as: UTF8.self) }
    #expect(bodies.count == 2)
    #expect(bodies[0].contains("sent again") == false && bodies[1].contains("\"attempts\":2"))
    let findings = courier.findings()
    #expect(findings.first == "hook: the server answered 503; it is tried again")
    #expect(findings.last == "hook: delivered at attempt 2: alarm")
    // The address is a secret and is in no message.
    #expect(!findings.joined().contains("127.0.0.1"))
  }

  @Test("what a process could not deliver, the next one does")
  func kept() throws {
    let web = TinyWeb { _ in .status(200) }
    defer { web.stop() }
    let nobody = Destination(name: "hook", kind: .json, target: "http://127.0.0.1:9/")
    let first = try Courier(outbox, [nobody])
    first.send(notice, to: ["hook"])
    #expect(first.close() == 1)
    #expect(folder.names(in: "notices").count == 1)
    let second = try Courier(outbox, [hook(web)])
    let end = Clock.monotonic() + 30
    while web.log.isEmpty, Clock.monotonic() < end { usleep(10_000) }
    #expect(second.close() == 0)
    #expect(String(decoding: web.log[0].body, as: UTF8.self).contains("\"attempts\":2"))
    #expect(folder.names(in: "notices").isEmpty)
  }

  @Test("what will never be taken is set aside, and the others go on")
  func refused() throws {
    let web = TinyWeb { request in .status(request.target == "/bad" ? 404 : 200) }
    defer { web.stop() }
    let bad = Destination(
      name: "bad", kind: .slack, target: "http://127.0.0.1:\(web.port)/bad")
    let courier = try Courier(outbox, [bad, hook(web)])
    courier.send(notice, to: ["bad", "hook"])
    #expect(courier.close() == 0)
    #expect(
      courier.findings() == ["bad: the server answered 404; the notice is not sent again: alarm"])
    #expect(folder.names(in: "notices").allSatisfy { $0.hasSuffix(".refused") })
    #expect(web.log.count == 2)
  }

  @Test("a server that does not answer holds nobody up")
  func slow() throws {
    let web = TinyWeb { _ in TinyWeb.Answer(status: 200, after: 6) }
    defer { web.stop() }
    let courier = try Courier(outbox, [hook(web)])
    let start = Clock.monotonic()
    courier.send(notice, to: ["hook"])
    #expect(Clock.monotonic() - start < 1)
    #expect(courier.close(patience: 0.5) == 1)
    #expect(Clock.monotonic() - start < 3)
    // It is still written down.
    #expect(folder.names(in: "notices").count == 1)
  }

  @Test("a command finds the notice in its input and its environment")
  func command() throws {
    let seen = folder.file("seen")
    let destination = Destination(
      name: "script", kind: .command,
      target: "cat > \(seen); echo \"$DINO_EVENT $DINO_RUN $DINO_STEP\" >> \(seen)")
    let courier = try Courier(outbox, [destination])
    courier.send(notice, to: ["script"])
    #expect(courier.close() == 0)
    let text = String(decoding: bytes(of: seen), as: UTF8.self)
    #expect(text.hasPrefix("{") && text.contains(notice.id))
    #expect(text.hasSuffix("alarm moths 1200\n"))
    let failing = Destination(name: "script", kind: .command, target: "echo no paper; exit 3")
    let other = try Courier(outbox, [failing])
    other.send(notice, to: ["script"])
    #expect(other.close() == 1)
    #expect(other.findings() == ["script: exit code 3: no paper; it is tried again"])
  }

  @Test("who can be told is read from a file that only its owner may read")
  func file() throws {
    let file = folder.file("notify")
    try WholeFile.write(
      """
      # whom to tell
      phone ntfy https://ntfy.example.org/moths
      me    mail anna@example.org
      siren command /opt/siren --loud   # not at night

      """, to: file, mode: 0o600)
    let all = try Destination.read(file)
    #expect(all.map(\.name) == ["phone", "me", "siren"])
    #expect(all.map(\.kind) == [.ntfy, .mail, .command])
    #expect(all[2].target == "/opt/siren --loud")
    for (line, what) in [
      ("a smoke x", "'smoke' is no kind"), ("a ntfy x", "ntfy needs an address of the web"),
      ("a mail x", "mail needs an address"), ("a json", "is not NAME KIND TARGET"),
      ("a mail a@b\na mail c@d", "there are two lines for a"),
    ] {
      try WholeFile.write(line, to: file, mode: 0o600)
      do {
        _ = try Destination.read(file)
        Issue.record("\(line) was read")
      } catch {
        #expect("\(error)".contains(what), "\(error)")
      }
    }
    try WholeFile.write("a mail a@b", to: folder.file("open"), mode: 0o644)
    #expect(throws: FileError.self) { try Destination.read(folder.file("open")) }
    #expect(try Destination.read(folder.file("none")).isEmpty)
  }

  private func hook(_ web: TinyWeb) -> Destination {
    Destination(name: "hook", kind: .json, target: "http://127.0.0.1:\(web.port)/hook")
  }
}
