import Tensor

/// One tensor of a network: its official name, its shape, and where it lies among all parameters.
package struct Parameter: Sendable, Equatable {
  /// As the official code's state dict has it: `backbone.blocks.0.attn.qkv.weight`.
  package let name: String
  package let shape: [Int]
  /// Its elements in a buffer that holds all parameters.
  package let range: Range<Int>
  package let initialiser: Initialiser
}

/// How a parameter begins.
package enum Initialiser: Sendable, Equatable {
  case constant(Float)
  case normal(deviation: Float)
  /// Cut at ±2 absolutely, as `trunc_normal_` does by default.
  case truncatedNormal(deviation: Float)
  /// Uniform in ±bound.
  case uniform(bound: Float)
}

/// The tensors of a network in the order in which they lie.
///
/// Student, teacher, gradients and both moments of AdamW share one layout, so that optimiser, EMA
/// and checkpoint are passes over flat buffers.
package struct ParameterLayout: Sendable, Equatable {
  package fileprivate(set) var parameters: [Parameter] = []
  /// Elements of a buffer that holds them all; between two tensors a few may be unused, and zero.
  package fileprivate(set) var count = 0

  /// The tensors whose names begin with `prefix`.
  package func parameters(of prefix: String) -> ArraySlice<Parameter> {
    let first = parameters.firstIndex { $0.name.hasPrefix(prefix) } ?? parameters.endIndex
    let end =
      parameters[first...].firstIndex { !$0.name.hasPrefix(prefix) } ?? parameters.endIndex
    return parameters[first..<end]
  }

  /// The elements of a sub-module, which lie side by side: `backbone.`, `dino_head.`, `ibot_head.`.
  package func range(of prefix: String) -> Range<Int> {
    let part = parameters(of: prefix)
    guard let first = part.first, let last = part.last else { return 0..<0 }
    return first.range.lowerBound..<last.range.upperBound
  }

  /// Attention blocks of the backbone.
  package var depth: Int {
    parameters.count { $0.name.hasPrefix("backbone.blocks.") && $0.name.hasSuffix(".norm1.weight") }
  }

  /// How many numbers the tensors under a prefix hold.
  package func elements(of prefix: String) -> Int {
    parameters(of: prefix).reduce(0) { $0 + $1.range.count }
  }
}

/// Lays a network's tensors out one after the other, and says where each one is.
///
/// A network describes itself once, to a builder. Without memory the builder gives the layout; with
/// a buffer of the layout's size it gives the same places in that buffer, be it the student's
/// weights, the teacher's or the gradients.
package struct ParameterBuilder {
  package private(set) var layout = ParameterLayout()
  private let base: Buffer?
  private var prefix = ""

  package init(in base: Buffer? = nil) { self.base = base }

  /// A tensor's place.
  package mutating func vector(
    _ name: String, _ shape: [Int], _ initialiser: Initialiser
  ) -> Buffer {
    let count = shape.reduce(1, *)
    let range = layout.count..<layout.count + count
    layout.parameters.append(
      Parameter(name: prefix + name, shape: shape, range: range, initialiser: initialiser))
    // Every tensor begins at a cache line.
    layout.count += (count + 15) / 16 * 16
    return base?[range] ?? Buffer(offset: range.lowerBound, count: count)
  }

  /// A tensor's place, read as a matrix.
  package mutating func matrix(
    _ name: String, rows: Int, columns: Int, shape: [Int]? = nil, _ initialiser: Initialiser
  ) -> Matrix {
    vector(name, shape ?? [rows, columns], initialiser).matrix(rows, columns)
  }

  /// What `body` declares is named under `name`.
  package mutating func scope<Result>(
    _ name: String, _ body: (inout ParameterBuilder) -> Result
  ) -> Result {
    let outer = prefix
    prefix += name + "."
    defer { prefix = outer }
    return body(&self)
  }
}

extension ParameterLayout {
  /// The values that a fresh network begins with; each tensor has random numbers of its own.
  package func initialValues(seed: Int) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    for (number, parameter) in parameters.enumerated() {
      var random = CounterRandom(
        seed: UInt64(truncatingIfNeeded: seed), use: .initialise, number)
      for i in parameter.range {
        values[i] =
          switch parameter.initialiser {
          case .constant(let value): value
          case .normal(let deviation): random.normal() * deviation
          case .truncatedNormal(let deviation): random.truncatedNormal(deviation: deviation)
          case .uniform(let bound): random.uniform(-bound, bound)
          }
      }
    }
    return values
  }
}
