import Crawl
import Curation
import Support

// What is known of images that were fetched, and of their addresses.

extension CurationView {
  private var ledger: StoredLedger? {
    get throws {
      let path = context.pool.ledger
      return FileSystem.exists(path) ? try StoredLedger(path: path) : nil
    }
  }

  /// Prints what became of an address.
  func tell(address: String) throws {
    guard let link = try ledger?.link(at: address) else {
      throw RunError.file("\(address): not in the pool \(context.pool.name)")
    }
    print(PrintableText.line(link.url))
    if !link.page.isEmpty { print("  on \(PrintableText.line(link.page))") }
    guard let outcome = link.outcome else {
      print("  waits to be fetched")
      return
    }
    let status = link.status > 0 ? " (status \(link.status))" : ""
    let detail = link.detail.isEmpty ? "" : ": \(PrintableText.line(link.detail))"
    print("  \(outcome.words)\(status)\(detail)")
    if let file = link.file { print("  as \(context.pool.crawledImages)/\(file)") }
  }

  /// Prints where an image was found, if it was fetched.
  func tellOrigins(of image: CatalogueImage) throws {
    let path = try context.catalogue.path(of: image)
    guard path.hasPrefix(context.pool.crawledImages + "/") else { return }
    let file = String(path.dropFirst(context.pool.crawledImages.count + 1))
    for link in try ledger?.links(of: file) ?? [] {
      print("  from \(PrintableText.line(link.url))")
      if !link.page.isEmpty { print("    on \(PrintableText.line(link.page))") }
    }
  }
}
