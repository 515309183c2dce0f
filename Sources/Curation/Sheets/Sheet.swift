import Support

/// Pictures in rows, by which a person judges a stage.
package struct Sheet: Sendable {
  /// A picture and what is said below it.
  package struct Cell: Sendable, Equatable {
    package let image: CatalogueImage
    package let caption: String
    /// Whether it is the one that is kept, which is framed.
    package var isKept = false
  }

  /// Pictures that belong together.
  package struct Row: Sendable, Equatable {
    package var title = ""
    package let cells: [Cell]
  }

  /// What a stage would do with another value of a key.
  package struct Option: Sendable, Equatable {
    package let value: String
    /// How many images would be kept.
    package let kept: Int
    /// Whether it is the plan's.
    package let isChosen: Bool
    package let rows: [Row]

    /// The option in words.
    package var label: String {
      "\(value) keeps \(Format.count(kept))" + (isChosen ? " (chosen)" : "")
    }
  }

  /// Rows under a heading, or options of which one is looked at.
  package struct Section: Sendable {
    package let title: String
    package var note = ""
    package var rows: [Row] = []
    package var options: [Option] = []

    /// The section in one line, without its pictures.
    package var summary: String {
      lines.isEmpty ? title : "\(title): \(lines.joined(separator: "; "))"
    }

    /// The note, and the options in words.
    var lines: [String] { (note.isEmpty ? [] : [note]) + options.map(\.label) }
    /// The rows; of options those of the plan's.
    var shown: [Row] { rows + (options.first(where: \.isChosen)?.rows ?? []) }
  }

  package let title: String
  package let sections: [Section]

  /// All images of the sheet, each once.
  var images: [CatalogueImage] {
    var known: Set<Int> = []
    return sections.flatMap { $0.rows + $0.options.flatMap(\.rows) }.flatMap(\.cells).map(\.image)
      .filter {
        known.insert($0.id).inserted
      }
  }
}
