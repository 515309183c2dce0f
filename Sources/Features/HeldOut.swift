import Tensor

/// Images that are taken away from those to learn from, so that something is left to judge by.
package enum HeldOut {
  /// A share of each class at random, one image at least of a class that has two. Gives the places
  /// of both parts, rising.
  package static func split(
    _ labels: [Int], classes: Int, share: Double, seed: Int, purpose: Int
  ) -> (kept: [Int], held: [Int]) {
    var byClass = Array(repeating: [Int](), count: classes)
    for (place, label) in labels.enumerated() { byClass[label].append(place) }
    var random = CounterRandom(
      seed: UInt64(truncatingIfNeeded: seed), use: .probe, 2 + purpose)
    var isHeld = [Bool](repeating: false, count: labels.count)
    for members in byClass where members.count > 1 {
      let count = max(1, Int(Double(members.count) * share))
      for place in random.subset(count, of: members.count) { isHeld[members[place]] = true }
    }
    return (labels.indices.filter { !isHeld[$0] }, labels.indices.filter { isHeld[$0] })
  }
}
