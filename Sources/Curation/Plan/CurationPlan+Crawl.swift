import Crawl

/// A value that does not fit: its key, whether it is wrong, and what to do.
typealias WrongValue = (key: String, isWrong: Bool, message: String)

extension CurationPlan.Crawl {
  /// The rules of a crawl.
  var crawlRules: CrawlRules {
    var rules = CrawlRules()
    rules.ports = Set(ports)
    rules.allowedDomains = allowedDomains
    rules.deniedDomains = deniedDomains
    rules.allowedPaths = allowedPaths
    rules.deniedPaths = deniedPaths
    rules.bytes = minBytes...max(minBytes, maxBytes)
    return rules
  }

  /// What must not be of the keys of a crawl.
  var rules: [WrongValue] {
    [
      (
        "crawl.contact", !sources.isEmpty && contact.isEmpty,
        "those who run servers must be able to reach you; give a page or a mail address"
      ),
      (
        "crawl.max_bytes", maxBytes < minBytes,
        "must be at least crawl.min_bytes, which is \(minBytes)"
      ),
      (
        "crawl.pages_url", !pagesURL.isEmpty && (try? WebURL(pagesURL)) == nil,
        "must be an address such as https://example.org/"
      ),
      Self.wrongDomain("crawl.allowed_domains", allowedDomains),
      Self.wrongDomain("crawl.denied_domains", deniedDomains),
    ]
  }

  private static func wrongDomain(_ key: String, _ domains: [String]) -> WrongValue {
    var rules = CrawlRules()
    rules.allowedDomains = domains
    do throws(RuleError) {
      _ = try CrawlRules.Compiled(rules)
      return (key, false, "")
    } catch {
      return (key, true, error.description)
    }
  }
}
