/// Returns distinct rows for labels, as close to the wanted rows as possible. Labels keep their
/// order from top to bottom. The row is `nil` for a label that does not fit.
package func spread(_ wanted: [Int], rows: Int) -> [Int?] {
  let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
  let fitting = order.prefix(max(rows, 0))
  var placed: [Int?] = Array(repeating: nil, count: wanted.count)
  var next = 0
  for index in fitting {
    next = max(next, wanted[index])
    placed[index] = next
    next += 1
  }
  var limit = rows - 1
  for index in fitting.reversed() {
    placed[index] = min(placed[index]!, limit)
    limit = placed[index]! - 1
  }
  return placed
}
