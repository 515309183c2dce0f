import FoundationEssentials
import Run
import Support

/// The JSON of the wire. Keys are in snake case, and unknown keys are ignored.
enum WireJSON {
  static func encode(_ value: some Encodable) -> Data { PortableJSON.encode(value) }

  static func decode<Value: Decodable>(
    _ type: Value.Type, _ data: Data
  ) throws(WireError) -> Value {
    guard let value = PortableJSON.decode(type, data) else {
      throw .malformed("unreadable \(type)")
    }
    return value
  }
}

/// A message of `feed` as received.
package struct FeedArrival: Sendable, Equatable {
  /// The message's number, the run's name, and the time of sending in seconds since 1970.
  package var seq: Int
  package var run: String
  package var time: Double
  /// The decoded message; `nil` for a topic or body of a later version, which still counts in the
  /// sequence.
  package var message: FeedMessage?

  package init(seq: Int, run: String, time: Double, message: FeedMessage?) {
    self.seq = seq
    self.run = run
    self.time = time
    self.message = message
  }
}

/// Encodes and decodes the two frames of a `feed` message: its topic, and a `FeedHeader` as JSON.
package enum FeedCoding {
  /// Returns the frames of a message.
  package static func encode(
    _ message: FeedMessage, seq: Int, run: String, time: Double
  ) -> [Data] {
    func frames(_ topic: Topic, _ body: some Codable & Sendable) -> [Data] {
      let header = FeedHeader(seq: seq, run: run, time: time, body: body)
      return [Data(topic.rawValue.utf8), WireJSON.encode(header)]
    }
    return switch message {
    case .step(let body): frames(.step, body)
    case .status(let body): frames(.status, body)
    case .phase(let body): frames(.phase, body)
    case .eval(let body): frames(.eval, body)
    case .event(let body): frames(.event, body)
    case .journal(let body): frames(.journal, body)
    case .plan(let body): frames(.plan, body)
    case .heartbeat(let body): frames(.heartbeat, body)
    }
  }

  /// Decodes a message. Throws if its sequence number cannot be read.
  package static func decode(_ frames: [Data]) throws(WireError) -> FeedArrival {
    guard frames.count >= 2 else { throw .malformed("\(frames.count) frames on feed") }
    let header = frames[1]
    // A gate puts the run's name before the topic: `moths/step`.
    let topic = frames[0].split(separator: UInt8(ascii: "/")).last ?? frames[0]
    return switch Topic(rawValue: String(decoding: topic, as: UTF8.self)) {
    case .step: try arrival(header) { .step($0) }
    case .status: try arrival(header) { .status($0) }
    case .phase: try arrival(header) { .phase($0) }
    case .eval: try arrival(header) { .eval($0) }
    case .event: try arrival(header) { .event($0) }
    case .journal: try arrival(header) { .journal($0) }
    case .plan: try arrival(header) { (known: KnownList<PlannedCurve>) in .plan(known.elements) }
    case .heartbeat: try arrival(header) { .heartbeat($0) }
    case nil: try arrival(header) { (_: Unread) in nil }
    }
  }

  private static func arrival<Body: Codable & Sendable>(
    _ header: Data, _ message: (Body) -> FeedMessage?
  ) throws(WireError) -> FeedArrival {
    if let whole = try? WireJSON.decode(FeedHeader<Body>.self, header) {
      return FeedArrival(
        seq: whole.seq, run: whole.run, time: whole.time, message: message(whole.body))
    }
    let unread = try WireJSON.decode(FeedHeader<Unread>.self, header)
    return FeedArrival(seq: unread.seq, run: unread.run, time: unread.time, message: nil)
  }

  /// A body that is not decoded.
  private struct Unread: Codable, Sendable {
    init(from decoder: any Decoder) {}
  }
}

extension RunRecord {
  /// Applies a message of the feed to the record.
  package mutating func apply(_ message: FeedMessage) {
    switch message {
    case .step(let sample): append(sample)
    case .status(let status): set(status)
    case .phase(let phase): set(phase)
    case .eval(let evaluation): append(evaluation)
    case .event(let event): append(event)
    case .journal(let entry): append(entry)
    case .plan(let curves): set(curves)
    case .heartbeat(let heartbeat): set(heartbeat.state, step: heartbeat.step)
    }
  }
}
