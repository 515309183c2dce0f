/// The name that a mistyped one most likely means: at most two of its letters or a third differ
/// (one of a name of up to three), or it is the only one that begins so. Nil where none is near.
package func nearestName(to name: String, among names: [String]) -> String? {
  let begun = names.filter { !name.isEmpty && $0.hasPrefix(name) }
  if begun.count == 1 { return begun[0] }
  let ranked = names.map { ($0, editDistance(name, $0)) }
  guard let (best, distance) = ranked.min(by: { $0.1 < $1.1 }) else { return nil }
  return distance <= (name.count <= 3 ? 1 : max(2, name.count / 3)) ? best : nil
}

/// Levenshtein's distance: insertions, deletions and exchanges from one word to the other.
private func editDistance(_ a: String, _ b: String) -> Int {
  let b = Array(b)
  var row = Array(0...b.count)
  for (i, letter) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for j in b.indices {
      let exchanged = diagonal + (letter == b[j] ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(exchanged, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[b.count]
}
