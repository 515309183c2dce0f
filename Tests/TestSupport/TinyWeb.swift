import Foundation
import Support
import Synchronization

/// A web of any number of hosts, at one port of 127.0.0.1. It keeps a log of what it was asked for.
package final class TinyWeb: Sendable {
  /// A request, as the web saw it.
  package struct Request: Sendable {
    package let host: String
    package let target: String
    package let header: String
    /// What was posted; empty for other requests.
    package let body: [UInt8]
    /// When it came, on the monotonic clock.
    package let time: Double
    /// How many times this was asked for before.
    package let before: Int
  }

  /// An answer.
  package struct Answer: Sendable {
    package var status = 200
    package var fields: [String] = []
    package var body: [UInt8] = []
    /// The seconds until it is sent.
    package var after = 0.0
    /// The length that is said; `nil` for the true one, and none for less than 0.
    package var length: Int?
    /// What is sent behind the body until the other side has enough: a piece, again and again, with
    /// so many seconds between, and how often at most.
    package var more: (piece: [UInt8], pause: Double, most: Int)?

    package init(
      status: Int = 200, fields: [String] = [], body: [UInt8] = [], after: Double = 0,
      length: Int? = nil, more: (piece: [UInt8], pause: Double, most: Int)? = nil
    ) {
      (self.status, self.fields, self.body) = (status, fields, body)
      (self.after, self.length, self.more) = (after, length, more)
    }

    /// A body, with fields of a header.
    package static func file(_ body: [UInt8], _ fields: String...) -> Answer {
      Answer(fields: fields, body: body)
    }
    /// A text.
    package static func text(_ text: String, _ fields: String...) -> Answer {
      Answer(fields: fields, body: Array(text.utf8))
    }
    /// A status without a body.
    package static func status(_ status: Int, _ fields: String...) -> Answer {
      Answer(status: status, fields: fields)
    }
    /// A redirect to a place.
    package static func redirect(_ place: String) -> Answer {
      Answer(status: 302, fields: ["Location: \(place)"])
    }
  }

  private struct State {
    var log: [Request] = []
    var active: [String: Int] = [:]
    var most: [String: Int] = [:]
    var counts: [String: Int] = [:]
    var sent = 0
  }

  package let port: UInt16
  private let listener: Int32
  private let state = Mutex(State())
  private let answer: @Sendable (Request) -> Answer

  /// Begins to answer.
  package init(_ answer: @escaping @Sendable (Request) -> Answer) {
    self.answer = answer
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    port = withUnsafeMutablePointer(to: &place) { place in
      place.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        precondition(bind(listener, $0, size) == 0 && listen(listener, 512) == 0)
        getsockname(listener, $0, &size)
      }
      return UInt16(bigEndian: place.pointee.sin_port)
    }
    self.listener = listener
    // The threads keep nothing of this object but what they need, so that it can go.
    let thread = try? PosixThread { [weak self] in
      while true {
        let peer = accept(listener, nil, nil)
        if peer < 0 {
          // `stop` makes it no socket that listens; other failures are of one connection.
          if errno == EINVAL || errno == EBADF { break }
          continue
        }
        guard let self else {
          close(peer)
          break
        }
        let served = try? PosixThread { self.serve(peer) }
        served?.detach()
      }
      close(listener)
    }
    thread?.detach()
  }

  /// A web of hosts with tables of paths; what is not in them is 404.
  package convenience init(_ table: [String: Answer]) {
    self.init { table[$0.host + $0.target] ?? .status(404) }
  }

  /// Stops answering.
  package func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  /// What was asked for, in order.
  package var log: [Request] { state.withLock { $0.log } }
  /// What was asked for, as host and path, in order.
  package var asked: [String] { log.map { $0.host + $0.target } }
  /// The most requests that were going on at once, by host.
  package var mostAtOnce: [String: Int] { state.withLock { $0.most } }
  /// The bytes of bodies that were sent.
  package var sent: Int { state.withLock { $0.sent } }

  private func serve(_ peer: Int32) {
    defer { close(peer) }
    var pending: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 8192)
    while true {
      while let end = pending.firstRange(of: Array("\r\n\r\n".utf8)) {
        let header = String(decoding: pending[..<end.lowerBound], as: UTF8.self)
        pending.removeFirst(end.upperBound)
        let length = Self.length(of: header)
        while pending.count < length {
          let count = recv(peer, &piece, piece.count, 0)
          guard count > 0 else { return }
          pending += piece[..<count]
        }
        let body = Array(pending.prefix(length))
        pending.removeFirst(length)
        guard respond(header, body, peer) else { return }
      }
      let count = recv(peer, &piece, piece.count, 0)
      guard count > 0 else { return }
      pending += piece[..<count]
    }
  }

  /// Returns the length of a request's body.
  private static func length(of header: String) -> Int {
    let field = header.components(separatedBy: "\r\n").first {
      $0.lowercased().hasPrefix("content-length: ")
    }
    return field.flatMap { Int($0.dropFirst(16)) } ?? 0
  }

  private func respond(_ header: String, _ body: [UInt8], _ peer: Int32) -> Bool {
    let lines = header.components(separatedBy: "\r\n")
    let target = lines[0].split(separator: " ")[1]
    let host = lines.first { $0.lowercased().hasPrefix("host: ") }?.dropFirst(6) ?? ""
    let key = String(host + target)
    let request = state.withLock { state in
      let request = Request(
        host: String(host), target: String(target), header: header, body: body,
        time: Clock.monotonic(),
        before: state.counts[key] ?? 0)
      state.counts[key, default: 0] += 1
      state.log.append(request)
      state.active[request.host, default: 0] += 1
      state.most[request.host] = max(
        state.most[request.host] ?? 0, state.active[request.host] ?? 0)
      return request
    }
    let answer = answer(request)
    if answer.after > 0 { usleep(UInt32(answer.after * 1e6)) }
    // It ends for the other side with its last byte, so it is counted until right before.
    if answer.more == nil { end(request) }
    let isWhole = send(answer, peer)
    if answer.more != nil { end(request) }
    return isWhole
  }

  private func end(_ request: Request) {
    state.withLock { $0.active[request.host]! -= 1 }
  }

  private func send(_ answer: Answer, _ peer: Int32) -> Bool {
    var fields = answer.fields
    let length = answer.length ?? answer.body.count
    if length >= 0 && answer.more == nil || answer.length ?? -1 >= 0 {
      fields.append("Content-Length: \(length)")
    }
    let head = (["HTTP/1.1 \(answer.status) Status"] + fields).joined(separator: "\r\n")
    guard write(Array(head.utf8) + Array("\r\n\r\n".utf8) + answer.body, peer) else { return false }
    if let (piece, pause, most) = answer.more {
      for _ in 0..<most {
        if pause > 0 { usleep(UInt32(pause * 1e6)) }
        guard write(piece, peer) else { return false }
      }
    }
    return answer.more == nil && length == answer.body.count
  }

  private func write(_ bytes: [UInt8], _ peer: Int32) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(peer, $0.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      done += count
      state.withLock { $0.sent += count }
    }
    return true
  }
}
