/// The names and shapes that a library gives the tensors of a DINOv2 backbone, as a table that
/// serves both reading and writing; those of DINOv3 are read only.
struct WeightLayout: Sendable {
  /// How a layout stores one official tensor.
  enum Place: Sendable, Equatable {
    /// As one tensor of the same shape.
    case same(String)
    /// As one tensor with further extents of 1 in front.
    case squeezed(String)
    /// Split by rows into equal parts, each a tensor, in this order.
    case rows([String])
    /// As queries' and values' biases alone: keys have none, so theirs is zero.
    case withoutKeys(queries: String, values: String)
    /// As the bias of queries, keys and values, of which that of the keys is masked: zero, whatever is there.
    case maskedKeys(String)
    /// `pos_embed` without its first row, the CLS token's position, which is added to the CLS
    /// token.
    case withoutFirst(String)
    /// The CLS token with its position added.
    case withPosition(String)
    /// Not at all: it is missing after reading and is not written.
    case absent
  }

  /// The backbones to which a rule applies.
  enum Condition: Sendable {
    case always, mlp, gated, withRegisters, withoutRegisters
  }

  /// A row of the table. `#` in a name stands for the block's number.
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

  /// How a library resizes position embeddings to another grid.
  struct Interpolation: Sendable, Equatable {
    var offset: Double
    var antialias: Bool
  }

  let name: String
  let rules: [Rule]
  /// How the library's models resize position embeddings, without and with registers.
  let interpolation: (plain: Interpolation, registers: Interpolation)
  /// Whether the library's models turn queries and keys instead of learning positions (DINOv3). Such a
  /// layout is read and never written.
  var isRotary = false

  /// Returns the rules that apply to a backbone.
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
  /// The names in the layout. Empty if the tensor is absent.
  var names: [String] {
    switch self {
    case .same(let name), .squeezed(let name), .maskedKeys(let name), .withoutFirst(let name),
      .withPosition(let name):
      [name]
    case .rows(let names): names
    case .withoutKeys(let queries, let values): [queries, values]
    case .absent: []
    }
  }
}

/// Returns a name of the table with `#` replaced by a block's number.
func numbered(_ name: String, _ block: some CustomStringConvertible) -> String {
  name.replacing("#", with: block.description)
}
