import Control
import FoundationEssentials
import History
import Screen
import Support
import Wire

#if canImport(Glibc)
  import Glibc
#endif

// MARK: Folders, keys and the terminal

extension Check {
  static let runs = Check(subject: "runs") { patient in
    let folder = patient.runs
    guard FileSystem.exists(folder) else {
      return [.ok("runs", "\(folder) will be made by the first run")]
    }
    guard FileSystem.isFolder(folder), FileSystem.allows(folder, W_OK | X_OK) else {
      return [
        .trouble(
          "runs", "\(folder) cannot be written",
          remedy: "give it to this user, or name another folder with --dir")
      ]
    }
    var found: [Diagnosis] = []
    let all = try RunDirectory.list(parent: folder)
    let unreadable = all.filter { (try? $0.outline()) == nil }
    for run in unreadable {
      found.append(
        .trouble(
          "runs", "\(run.name) cannot be read",
          remedy: "dino status \(run.name) says why; dinod train --name \(run.name) resumes it"))
    }
    let training = all.count { RunLock.holder(of: $0) != nil }
    found.append(
      .ok("runs", "\(Format.count(all.count, "run")) in \(folder), \(training) training"))
    return found
  }

  /// How much room the disk of the runs has, and how fast it takes a checkpoint.
  static let disk = Check(subject: "disk") { patient in
    var folder = patient.runs
    while !FileSystem.isFolder(folder), folder != FilePath.parent(of: folder) {
      folder = FilePath.parent(of: folder)
    }
    guard let room = DiskRoom.free(in: folder) else { return [] }
    var found: [Diagnosis] = []
    let words = "\(Format.bytes(Double(room))) free in \(folder)"
    if room < 5 << 30 {
      found.append(
        .note(
          "disk", words,
          remedy:
            "a ViT-S/14 writes 1.5 GB a checkpoint and keeps three or more; free some, or see "
            + "dino checkpoints"))
    } else {
      found.append(.ok("disk", words))
    }
    guard FileSystem.allows(folder, W_OK), room > 256 << 20 else { return found }
    let speed = try DiskTrial(folder: folder).bytesPerSecond()
    let rate = "\(Format.bytes(speed)) a second are written and flushed"
    if speed < 30e6 {
      found.append(
        .note(
          "disk speed", rate,
          remedy: "a checkpoint of 1.5 GB takes \(Format.duration(1.5e9 / speed)); a local disk is "
            + "faster: --dir"))
    } else {
      found.append(.ok("disk speed", rate))
    }
    return found
  }

  /// Whether the sockets of a run fit into the length that the system allows.
  static let sockets = Check(subject: "sockets") { patient in
    let run = RunDirectory(name: "doctor", parent: patient.runs)
    let endpoints = RunEndpoints(feed: run.feedEndpoint, control: run.controlEndpoint)
    try endpoints.prepareToListen()
    endpoints.removeFolder()
    let folder = FilePath.parent(of: String(run.feedEndpoint.dropFirst("ipc://".count)))
    return [.ok("sockets", "in \(folder)")]
  }

  /// The keys of this user, those that may connect here, and the machines that are known.
  static let keys = Check(subject: "keys") { _ in
    guard let own = try OwnKeys.read() else {
      return [.ok("keys", "none, so that other machines are not reached; dino keys new makes one")]
    }
    var found: [Diagnosis] = [.ok("keys", "this user's public key is \(own.publicKey)")]
    let entries = try AuthorizedKeys.read().entries
    if !entries.isEmpty {
      let names = entries.map { "\($0.name) (\($0.role))" }.joined(separator: ", ")
      found.append(.ok("keys", "dino serve lets in \(names)"))
    }
    return found + hosts(own)
  }

  /// Asks all machines that are known.
  private static func hosts(_ own: CurveKeyPair) -> [Diagnosis] {
    let list: [Host]
    do {
      list = try HostList.read().hosts
    } catch {
      return [.trouble("hosts", "\(error)", remedy: "correct the file, or see dino hosts")]
    }
    return HostSurvey.ask(list, own: own, client: RemoteHosts.client).map { answer in
      switch answer.runs {
      case .success(let runs):
        return .ok(
          "host \(answer.host.name)",
          "\(answer.host.address) answers; it has \(Format.count(runs.count, "run"))")
      case .failure(let error):
        return .trouble(
          "host \(answer.host.name)", "\(error)", remedy: "docs/remote.md says what each end needs")
      }
    }
  }

  static let notices = Check(subject: "notify") { _ in
    let file = ConfigFolder.path + "/notify"
    guard let status = try FileSystem.status(file) else {
      return [.ok("notify", "nobody is told of alarms; docs/notify.md says how")]
    }
    guard status.permissions & 0o077 == 0 else {
      return [.trouble("notify", "\(file) may be read by others", remedy: "chmod 600 \(file)")]
    }
    let names = try ConfigFolder.lines(of: file).compactMap(\.words.first)
    return [
      .ok("notify", "\(names.joined(separator: ", ")) can be told; dinod notify NAME tries one")
    ]
  }

  static let terminal = Check(subject: "terminal") { _ in
    guard isatty(STDOUT_FILENO) == 1 else { return [] }
    let name = Environment.value("TERM") ?? ""
    guard !name.isEmpty, name != "dumb" else {
      return [
        .trouble(
          "terminal", "TERM is '\(name)'",
          remedy: "set TERM to what the terminal is: xterm-256color")
      ]
    }
    guard Terminal.showsUnicode else {
      return [
        .note(
          "terminal", "\(name), without Unicode",
          remedy: "with a UTF-8 locale (LC_ALL=C.UTF-8), charts are finer")
      ]
    }
    return [.ok("terminal", "\(name), Unicode")]
  }
}

/// Measures how fast a disk takes what a checkpoint writes.
private struct DiskTrial {
  let folder: String
  private static let bytes = 64 << 20

  /// Writes and flushes a file, which is removed again. Returns the bytes each second.
  func bytesPerSecond() throws -> Double {
    let path = "\(folder)/.dino-doctor-\(getpid())"
    let file = FileSystem.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
    guard file >= 0 else { throw FileError(path, cannot: "be created") }
    defer {
      close(file)
      try? FileSystem.removeFile(path)
    }
    var random = SystemRandomNumberGenerator()
    let block = (0..<(1 << 17)).map { _ in random.next() }
    let start = Clock.monotonic()
    for _ in 0..<(Self.bytes >> 20) {
      let count = block.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
      guard count == 1 << 20 else { throw FileError(path, cannot: "be written") }
    }
    guard fsync(file) == 0 else { throw FileError(path, cannot: "be flushed") }
    return Double(Self.bytes) / max(Clock.monotonic() - start, 1e-9)
  }
}
