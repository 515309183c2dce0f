/// An image that a page or a list names.
package struct ImageLink: Sendable, Equatable {
  package let url: WebURL
  /// The page that shows it: an address, or a path; empty if it is from a list.
  package let page: String
  /// Its alternative text; empty without one.
  package let alt: String

  package init(url: WebURL, page: String = "", alt: String = "") {
    self.url = url
    self.page = page
    self.alt = alt
  }
}
