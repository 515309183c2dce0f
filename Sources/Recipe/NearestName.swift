import Settings
import Support

/// Finds the key that a mistyped name most likely means.
package enum NearestName {
  /// Returns the name of the nearest key; `nil` if none is near.
  ///
  /// A name is near if it differs by a few typing errors, in the whole or in its last part (so
  /// that a key in the wrong group is found), or if the key contains all its words (`batch_size`).
  package static func of(_ name: String) -> String? {
    let reach = lastPart(name).count / 3
    let effective = RecipeKey.all.map { (known: $0.name, meant: $0.name) }
    // Official keys without effect are candidates too, and lead to the key that has the effect:
    // `lr` to `base_lr`.
    let official = OfficialKey.all.compactMap { key in
      key.instead.map { (known: key.name, meant: $0) }
    }
    let near = (effective + official).map { (distance(name, $0.known), $0.meant) }
      .filter { $0.0.isContained || $0.0.edits <= reach }
    return near.min { $0.0 < $1.0 }?.1
  }

  /// The distance between a name and a key. Distances are compared by the first field that
  /// differs.
  private struct Distance: Comparable {
    /// The number of typing errors; at most 1 if the key contains the words.
    var edits: Int
    var isSameGroup: Bool
    var isContained: Bool
    var length: Int

    static func < (one: Distance, other: Distance) -> Bool {
      (one.edits, one.isSameGroup ? 0 : 1, one.isContained ? 0 : 1, one.length)
        < (other.edits, other.isSameGroup ? 0 : 1, other.isContained ? 0 : 1, other.length)
    }
  }

  private static func distance(_ name: String, _ key: String) -> Distance {
    let (name, key) = (name.lowercased(), key.lowercased())
    let (last, keyLast) = (lastPart(name), lastPart(key))
    let words = last.split(separator: "_")
    let isContained = !words.isEmpty && Set(words).isSubset(of: keyLast.split(separator: "_"))
    let edited = min(editDistance(name, key), editDistance(last, keyLast))
    return Distance(
      edits: isContained ? min(edited, 1) : edited,
      isSameGroup: name.prefix { $0 != "." } == key.prefix { $0 != "." },
      isContained: isContained, length: keyLast.count)
  }

  private static func lastPart(_ name: String) -> String {
    String(name.split(separator: ".").last ?? "")
  }
}
