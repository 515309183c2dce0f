import FoundationEssentials
import Wire

/// The connections over which something has come, with the user and the subscriptions of each. One that
/// has sent nothing is not here, and receives nothing either.
struct UserConnections {
  private struct Entry {
    var user: String
    var topics: Set<Data> = []
  }

  private var entries: [PeerConnection: Entry] = [:]
  /// The number of subscriptions to each run.
  private var followers: [String: Int] = [:]

  /// The subscriptions of one connection, all of which ZeroMQ keeps in memory.
  private static let topicLimit = 256

  /// The runs to which somebody is subscribed.
  var followed: Dictionary<String, Int>.Keys { followers.keys }

  /// Returns whether somebody is subscribed to a run.
  func follows(_ run: String) -> Bool { followers[run] != nil }

  /// Notes over which connection a message came.
  mutating func note(_ message: PeerMessage) {
    guard let user = message.user else { return }
    // The descriptor of a connection that has ended is given to a later one.
    guard entries[message.connection]?.user != user else { return }
    let before = entries.updateValue(Entry(user: user), forKey: message.connection)
    for topic in before?.topics ?? [] { count(topic, -1) }
  }

  /// Notes a subscription. Returns `false` if the connection has too many.
  mutating func subscribe(_ message: PeerMessage, to topic: Data) -> Bool {
    note(message)
    guard entries[message.connection]?.topics.insert(topic).inserted == true else { return true }
    count(topic, 1)
    return entries[message.connection]!.topics.count <= Self.topicLimit
  }

  /// Notes that a subscription has ended.
  mutating func unsubscribe(_ message: PeerMessage, from topic: Data) {
    if entries[message.connection]?.topics.remove(topic) != nil { count(topic, -1) }
  }

  /// Forgets a connection that has ended.
  mutating func forget(_ descriptor: Int32) {
    for connection in entries.keys where connection.descriptor == descriptor {
      let gone = entries.removeValue(forKey: connection)
      for topic in gone?.topics ?? [] { count(topic, -1) }
    }
  }

  /// Ends the connections of a user.
  func end(of user: String) {
    for (connection, entry) in entries where entry.user == user { connection.end() }
  }

  private mutating func count(_ topic: Data, _ change: Int) {
    guard let run = Self.run(of: topic) else { return }
    let count = followers[run, default: 0] + change
    followers[run] = count > 0 ? count : nil
  }

  /// Returns the run's name in a topic such as `moths/step`; `nil` if there is none.
  static func run(of topic: Data) -> String? {
    guard let slash = topic.firstIndex(of: UInt8(ascii: "/")) else { return nil }
    let name = String(decoding: topic[..<slash], as: UTF8.self)
    return name.isEmpty || name.hasPrefix(".") ? nil : name
  }
}
