import Support

/// Brings the links of sources into a ledger, and goes on where it was ended.
package struct Gatherer {
  /// How many links are added to the ledger at a time.
  private static let batch = 1000

  private let ledger: any CrawlLedger
  private let rules: CrawlRules.Compiled

  package init(ledger: any CrawlLedger, rules: CrawlRules.Compiled) {
    self.ledger = ledger
    self.rules = rules
  }

  /// Reads what is left of a source. Links and the position behind them come into the ledger together,
  /// so a process that is killed loses none and adds none twice.
  ///
  /// - Parameter report: is called with the position now and then; false ends the reading.
  /// - Returns: what was found this time.
  package func gather(
    _ source: some LinkSource, report: (_ position: Int) -> Bool = { _ in true }
  ) throws(FileError) -> LinkCounts {
    var counts = LinkCounts()
    var (links, position) = ([ImageLink](), try ledger.position(of: source.name))
    var (found, new, refused) = (0, 0, [String: Int]())
    try source.read(from: position, counts: &counts) { (more, place) throws(FileError) in
      for link in more {
        if let rule = rules.refusal(of: link.url) {
          refused[rule, default: 0] += 1
        } else {
          links.append(link)
        }
      }
      position = place
      guard links.count >= Self.batch else { return report(position) }
      found += links.count
      new += try ledger.add(links, of: source.name, upTo: position)
      links = []
      return report(position)
    }
    new += try ledger.add(links, of: source.name, upTo: position)
    counts.links = found + links.count
    counts.new = new
    counts.refused = refused
    return counts
  }
}
