/// The fixed tree in which values of ranks are added.
///
/// A node with an even number of leaves is the sum of its two halves; one with an odd number adds its
/// leaves from the first to the last. Floating-point sums depend on their order. Here it is decided by the
/// number of leaves alone, and a process whose ranks are a node computes that node by itself, so that the
/// result does not depend on how many processes there are.
package enum SumTree {
  /// A sum that is complete.
  package struct Node: Sendable {
    /// The first of its leaves.
    package let first: Int
    /// The buffer that holds it, from 0 to `levels` − 1; the root is in buffer 0.
    package let level: Int
  }

  /// The number of buffers that a sum needs, if leaves come one after the other.
  package static func levels(_ count: Int) -> Int {
    precondition(count > 0)
    if count == 1 { return 1 }
    return count % 2 == 0 ? levels(count / 2) + 1 : 2
  }

  /// Visits a tree.
  ///
  /// - Parameters:
  ///   - count: the number of leaves, at least one.
  ///   - leaf: called for each leaf, in order, to put its value into the buffer of its level.
  ///   - add: called to add the node `from` to the node `to`, which becomes their sum.
  package static func visit(
    _ count: Int, leaf: (Node) -> Void, add: (_ from: Node, _ to: Node) -> Void
  ) {
    _ = visit(0..<count, level: 0, leaf, add)
  }

  /// The additions that are left when the last leaf is there, by the levels of their buffers. They can be made
  /// for a part of the values at a time.
  package static func additionsAfterLastLeaf(_ count: Int) -> [(from: Int, to: Int)] {
    var additions: [(from: Int, to: Int)] = []
    visit(count, leaf: { _ in additions.removeAll() }) { additions.append(($0.level, $1.level)) }
    return additions
  }

  /// Adds the values at 0 ..< count, each in a place of its own; the sum is left in place 0.
  package static func add(_ count: Int, _ add: (_ from: Int, _ to: Int) -> Void) {
    visit(count, leaf: { _ in }) { add($0.first, $1.first) }
  }

  private static func visit(
    _ leaves: Range<Int>, level: Int, _ leaf: (Node) -> Void, _ add: (Node, Node) -> Void
  ) -> Node {
    let node = Node(first: leaves.lowerBound, level: level)
    guard leaves.count > 1 else {
      leaf(node)
      return node
    }
    guard leaves.count % 2 == 0 else {
      leaf(node)
      for first in leaves.dropFirst() {
        let next = Node(first: first, level: level + 1)
        leaf(next)
        add(next, node)
      }
      return node
    }
    let middle = leaves.lowerBound + leaves.count / 2
    let left = visit(leaves.lowerBound..<middle, level: level, leaf, add)
    add(visit(middle..<leaves.upperBound, level: level + 1, leaf, add), left)
    return left
  }
}
