/// Hosts in the order of the times from which on a request may be made: a binary heap.
struct ReadyQueue {
  private var entries: [(time: Double, order: Int, host: OpenHost)] = []
  private var count = 0

  /// The time of the first; `nil` if there is none.
  var firstTime: Double? { entries.first?.time }

  /// Adds a host. Hosts with the same time keep their order.
  mutating func push(_ host: OpenHost, at time: Double) {
    count += 1
    entries.append((time, count, host))
    var place = entries.count - 1
    while place > 0, precedes(place, (place - 1) / 2) {
      entries.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  /// Removes the first.
  mutating func pop() -> OpenHost? {
    guard let first = entries.first else { return nil }
    entries.swapAt(0, entries.count - 1)
    entries.removeLast()
    var place = 0
    while true {
      let children = [2 * place + 1, 2 * place + 2].filter { $0 < entries.count }
      guard let least = children.min(by: { precedes($0, $1) }), precedes(least, place) else {
        break
      }
      entries.swapAt(least, place)
      place = least
    }
    return first.host
  }

  private func precedes(_ place: Int, _ other: Int) -> Bool {
    (entries[place].time, entries[place].order) < (entries[other].time, entries[other].order)
  }
}
