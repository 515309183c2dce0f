/// That no page can be served, in one line.
package struct MetricsServerError: Error, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}
