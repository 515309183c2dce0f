/// Pictures in rows, by which a person judges a stage.
package struct Sheet: Sendable {
  /// A picture and what is said below it.
  package struct Cell: Sendable {
    package let image: CatalogueImage
    package let caption: String
    /// Whether it is the one that is kept, which is framed.
    package var isKept = false
  }

  /// Pictures that belong together.
  package struct Row: Sendable {
    package var title = ""
    package let cells: [Cell]
  }

  /// Rows under a heading.
  package struct Section: Sendable {
    package let title: String
    package var note = ""
    package let rows: [Row]
  }

  package let title: String
  package let sections: [Section]

  /// All images of the sheet, each once.
  var images: [CatalogueImage] {
    var known: Set<Int> = []
    return sections.flatMap(\.rows).flatMap(\.cells).map(\.image).filter {
      known.insert($0.id).inserted
    }
  }
}
