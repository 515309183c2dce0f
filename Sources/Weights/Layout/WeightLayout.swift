/// The names and forms under which a library keeps a DINOv2 backbone, as a table that is read in
/// both directions.
struct WeightLayout: Sendable {
  /// How one official tensor stands in a layout.
  enum Place: Sendable, Equatable {
    /// One tensor of the same form.
    case same(String)
    /// Its rows in equal parts, each a tensor of its own, in this order.
    case rows([String])
    /// `pos_embed` without its first row, CLS's position; that row is added to the CLS token.
    case withoutFirst(String)
    /// The CLS token with its position added.
    case withPosition(String)
    /// The layout does not have it: it is missing when read, and not written.
    case absent
  }

  /// Which backbones a rule is for.
  enum Condition: Sendable {
    case always, mlp, gated, withRegisters, withoutRegisters
  }

  /// A line of the table; `#` in names stands for a block's number.
  struct Rule: Sendable {
    let official: String
    let place: Place
    let condition: Condition

    init(_ official: String, _ place: Place, _ condition: Condition = .always) {
      self.official = official
      self.place = place
      self.condition = condition
    }
  }

  /// How a library resizes positions to another grid.
  struct Interpolation: Sendable, Equatable {
    var offset: Double
    var antialias: Bool
  }

  let name: String
  let rules: [Rule]
  /// How its own models resize positions, without and with registers.
  let interpolation: (plain: Interpolation, registers: Interpolation)

  /// The rules for a backbone.
  func rules(isGated: Bool, hasRegisters: Bool) -> [Rule] {
    rules.filter {
      switch $0.condition {
      case .always: true
      case .mlp: !isGated
      case .gated: isGated
      case .withRegisters: hasRegisters
      case .withoutRegisters: !hasRegisters
      }
    }
  }
}

extension WeightLayout.Place {
  /// The names in the layout; none where the tensor is absent.
  var names: [String] {
    switch self {
    case .same(let name), .withoutFirst(let name), .withPosition(let name): [name]
    case .rows(let names): names
    case .absent: []
    }
  }
}

/// A name of the table with a block's number put in.
func numbered(_ name: String, _ block: some CustomStringConvertible) -> String {
  name.replacing("#", with: block.description)
}
