/// The members of each cluster, in ascending order.
struct Members {
  private let starts: [Int]
  private let order: [UInt32]

  init(_ labels: [UInt32], clusters: Int) {
    var starts = [Int](repeating: 0, count: clusters + 1)
    for label in labels { starts[Int(label) + 1] += 1 }
    for cluster in 0..<clusters { starts[cluster + 1] += starts[cluster] }
    var next = starts
    var order = [UInt32](repeating: 0, count: labels.count)
    for (member, label) in labels.enumerated() {
      order[next[Int(label)]] = UInt32(member)
      next[Int(label)] += 1
    }
    self.starts = starts
    self.order = order
  }

  /// The number of clusters.
  var count: Int { starts.count - 1 }

  subscript(cluster: Int) -> ArraySlice<UInt32> { order[starts[cluster]..<starts[cluster + 1]] }
}
