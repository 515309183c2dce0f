/// Returns the name that a mistyped one most likely means; `nil` if none is near.
///
/// A name is near if at most a third of the typed letters differ (but two are allowed up to eight
/// letters, and only one up to three), or if it is the only one that begins with what was typed.
/// Case is ignored.
package func nearestName(to name: String, among names: [String]) -> String? {
  let typed = name.lowercased()
  let begun = names.filter { !typed.isEmpty && $0.lowercased().hasPrefix(typed) }
  if begun.count == 1 { return begun[0] }
  let ranked = names.map { ($0, editDistance(typed, $0.lowercased())) }
  guard let (best, distance) = ranked.min(by: { $0.1 < $1.1 }) else { return nil }
  return distance <= (name.count <= 3 ? 1 : max(2, name.count / 3)) ? best : nil
}

/// Returns the number of typing errors between two texts: insertions, deletions, replacements, and
/// swaps of neighbouring letters.
///
/// This is the optimal string alignment distance, in which no letter is edited twice. It takes
/// time proportional to the product of both lengths, so texts that are too long for names count as
/// different in every letter.
package func editDistance(_ from: String, _ to: String) -> Int {
  // Comparing bytes is many times as fast as comparing characters, and names are nearly always ASCII.
  let isPlain = from.utf8.allSatisfy { $0 < 0x80 } && to.utf8.allSatisfy { $0 < 0x80 }
  return isPlain
    ? editDistance(Array(from.utf8), Array(to.utf8)) : editDistance(Array(from), Array(to))
}

private func editDistance<Letter: Equatable>(_ a: [Letter], _ b: [Letter]) -> Int {
  guard max(a.count, b.count) <= 200 else { return max(a.count, b.count) }
  var before: [Int] = []
  var above = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var best = min(above[j] + (a[i] == b[j] ? 0 : 1), above[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        best = min(best, before[j - 1] + 1)
      }
      row.append(best)
    }
    (before, above) = (above, row)
  }
  return above[b.count]
}
