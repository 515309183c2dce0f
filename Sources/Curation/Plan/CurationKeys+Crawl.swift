// The keys of the stage that fetches images.

extension CurationKeys {
  static let crawl: [CurationKey] = [
    .texts(
      "crawl.sources", \.crawl.sources,
      "web archives (.warc, .warc.gz), folders of HTML pages, and lists of addresses (.txt, .csv)"),
    .text(
      "crawl.pages_url", \.crawl.pagesURL,
      "address of a folder of pages, to which those of its images are relative"),
    .text(
      "crawl.contact", \.crawl.contact,
      "page or mail address at which those who run servers can reach you; servers are told it"
    ) { CurationPlan.Crawl.problem(contact: $0) },
    .text(
      "crawl.agent", \.crawl.agent, "name of the crawler, as in robots.txt"
    ) { CurationPlan.Crawl.problem(agent: $0) },
    .texts(
      "crawl.allowed_domains", \.crawl.allowedDomains,
      "domains that are fetched, with all below them; empty: all"),
    .texts("crawl.denied_domains", \.crawl.deniedDomains, "domains that are not fetched"),
    .texts(
      "crawl.allowed_paths", \.crawl.allowedPaths,
      "paths that are fetched; * is any text, ? one character; empty: all"),
    .texts("crawl.denied_paths", \.crawl.deniedPaths, "paths that are not fetched"),
    .ints("crawl.ports", \.crawl.ports, .from(1, to: 65_535), "ports that are fetched from"),
    .int("crawl.min_bytes", \.crawl.minBytes, .atLeast(1), "size of an image, at least"),
    .int(
      "crawl.max_bytes", \.crawl.maxBytes, .from(1, to: 2_147_483_648), "size of an image, at most"),
    .int("crawl.connections", \.crawl.connections, .from(1, to: 1024), "requests at once"),
    .int(
      "crawl.connections_per_host", \.crawl.perHost, .from(1, to: 64), "requests at once at a host"),
    .float(
      "crawl.delay", \.crawl.delay, .from(0, to: 3600),
      "seconds between two requests at a host, at least; robots.txt may ask for more"),
    .float("crawl.timeout", \.crawl.timeout, .above(0, to: 3600), "seconds of a request, at most"),
    .int("crawl.tries", \.crawl.tries, .from(1, to: 10), "times that an address is tried"),
    .int("crawl.redirects", \.crawl.redirects, .from(0, to: 20), "redirects that are followed"),
  ]
}

extension CurationPlan.Crawl {
  fileprivate static func problem(contact: String) -> String? {
    let isPlain = contact.unicodeScalars.allSatisfy { (0x21...0x7E).contains($0.value) }
    guard isPlain else { return "must have no spaces and only ASCII characters" }
    return contact.isEmpty || contact.contains("://") || contact.contains("@")
      ? nil : "must be a page such as https://example.org/ or a mail address"
  }

  fileprivate static func problem(agent: String) -> String? {
    let isName = agent.unicodeScalars.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || $0 == "-" || $0 == "_")
    }
    return isName && !agent.isEmpty ? nil : "must be letters, - and _"
  }
}
