import Crawl
import Support

// Gathers and fetches what is left, and prints how many images the ledger then has:
//
//   CrawlDriver FOLDER PORT SOURCE…
//
// FOLDER gets the ledger and the images. Hosts below `test` are at PORT of 127.0.0.1; with 0 nothing
// private is reached. A source is a web archive, a list of addresses or a folder of pages. All that is
// not said is as in a real crawl, but for the times, which are short.

let arguments = programArguments
guard arguments.count >= 3, let port = UInt16(arguments[1]) else {
  fatalError("usage: CrawlDriver FOLDER PORT SOURCE…")
}
var options = FetchOptions()
(options.delay, options.backoff, options.seconds) = (0, 0.05, 5)
if port > 0 { options.privateAccess = .testWeb(["test": port]) }
let ledger = try StoredLedger(path: arguments[0] + "/ledger.sqlite")
let rules = try CrawlRules.Compiled(CrawlRules())
let gatherer = Gatherer(ledger: ledger, rules: rules)
for source in arguments.dropFirst(2) {
  if FileSystem.isFolder(source) {
    _ = try gatherer.gather(PageFolder(path: source, base: nil, agent: options.agent))
  } else if source.hasSuffix(".warc") || source.hasSuffix(".gz") {
    _ = try gatherer.gather(ArchiveLinks(path: source, agent: options.agent))
  } else {
    _ = try gatherer.gather(URLList(path: source))
  }
}
let store = try ImageStore(folder: arguments[0] + "/images")
let fetcher = Fetcher(options: options, rules: rules, ledger: ledger, store: store)
let progress = try fetcher.run()
for (outcome, count) in progress.outcomes.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
  print(outcome.rawValue, count)
}
print("waiting", progress.waiting, "requests", progress.requests)
