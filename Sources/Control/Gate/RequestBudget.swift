/// How many requests each user may make: some at once, and then a number each second.
struct RequestBudget {
  /// The requests that a user may make at once after a pause.
  static let burst = 60.0
  /// The requests each second that a user may go on making.
  static let rate = 20.0

  private var left: [String: (requests: Double, time: Double)] = [:]

  /// Counts a request. Returns `false` if the user has made too many. `now` is in seconds on a
  /// monotonic clock.
  ///
  /// - Parameter cost: the number of usual requests that it costs as much as.
  mutating func take(_ user: String, now: Double, cost: Double = 1) -> Bool {
    let (requests, time) = left[user] ?? (Self.burst, now)
    let available = min(Self.burst, requests + (now - time) * Self.rate)
    guard available >= cost else {
      left[user] = (available, now)
      return false
    }
    left[user] = (available - cost, now)
    return true
  }
}
