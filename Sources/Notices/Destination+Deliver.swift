import FoundationEssentials
import Support

#if canImport(Glibc)
  import Glibc
#endif

extension Destination {
  /// Delivers an item of an outbox, and waits for that at most about half a minute.
  package func deliver(_ item: Outbox.Item, in outbox: Outbox) -> Delivery {
    switch kind {
    case .json, .ntfy, .slack, .discord: post(item)
    case .mail: mail(item)
    case .command: run(item, file: outbox.path(of: item))
    }
  }

  /// Runs the command of the shell with the notice in its input and, in a few variables, for scripts
  /// that read no JSON.
  private func run(_ item: Outbox.Item, file: String) -> Delivery {
    let notice = item.notice
    let variables = [
      "DINO_EVENT": notice.event.rawValue, "DINO_RUN": notice.run, "DINO_STEP": "\(notice.step)",
      "DINO_TEXT": notice.line(attempt: item.attempts), "DINO_ALARM": notice.alarm ?? "",
    ]
    return ChildDelivery.run("/bin/sh", ["-c", target], input: file, variables: variables)
  }

  /// Gives the system's `sendmail` a message.
  private func mail(_ item: Outbox.Item) -> Delivery {
    // The folders of the system's one are rarely in the PATH of users.
    guard
      let program = ProgramPath.find("sendmail")
        ?? ProgramPath.find("sendmail", in: ["/usr/sbin", "/usr/lib"])
    else {
      return .refused("there is no sendmail on this machine; install msmtp-mta or another")
    }
    let notice = item.notice
    let message = """
      To: \(target)
      Subject: [dino] \(notice.run): \(notice.event.rawValue)
      Message-ID: <\(notice.id)@\(notice.host)>
      Content-Type: text/plain; charset=utf-8

      \(notice.line(attempt: item.attempts))

      """
    let file = PartialPath.claim(
      (Environment.value("TMPDIR") ?? "/tmp") + "/dino-mail-\(notice.id)", hidden: true)
    defer { try? FileSystem.removeFile(file) }
    do throws(FileError) {
      try WholeFile.write(message, to: file, mode: 0o600)
    } catch {
      return .failed(error.description)
    }
    return ChildDelivery.run(program, ["-t", "-i"], input: file, variables: [:])
  }
}
