import Tensor

/// A tensor of a network.
package struct Parameter: Sendable, Equatable {
  /// Its name in the official code's state dict, such as `backbone.blocks.0.attn.qkv.weight`.
  package let name: String
  package let shape: [Int]
  /// Its elements in a buffer that holds all parameters.
  package let range: Range<Int>
  package let initialiser: Initialiser
}

/// The distribution of a parameter's initial values.
package enum Initialiser: Sendable, Equatable {
  case constant(Float)
  case normal(deviation: Float)
  /// Truncated at the values ±2, whatever the deviation, as `trunc_normal_` does by default.
  case truncatedNormal(deviation: Float)
  /// Uniform in ±bound.
  case uniform(bound: Float)
}

/// The tensors of a network and their ranges in a flat buffer.
///
/// Student, teacher, gradients and both moments of AdamW have the same layout, so that optimiser, moving
/// average and checkpoints are passes over flat buffers.
package struct ParameterLayout: Sendable, Equatable {
  /// Tensors begin at multiples of so many elements. The layout does not depend on the device, since
  /// files are read and written by it. The `arenaAlignment` of each device must divide this number.
  package static let alignment = 16

  /// The tensors in their order.
  package fileprivate(set) var parameters: [Parameter] = []
  /// The elements of a buffer that holds all tensors. Padding between tensors is zero.
  package fileprivate(set) var count = 0

  /// The tensors whose names begin with `prefix`.
  package func parameters(of prefix: String) -> ArraySlice<Parameter> {
    let first = parameters.firstIndex { $0.name.hasPrefix(prefix) } ?? parameters.endIndex
    let end =
      parameters[first...].firstIndex { !$0.name.hasPrefix(prefix) } ?? parameters.endIndex
    return parameters[first..<end]
  }

  /// The elements of a sub-module, which are contiguous: `backbone.`, `dino_head.` or `ibot_head.`.
  package func range(of prefix: String) -> Range<Int> {
    let part = parameters(of: prefix)
    guard let first = part.first, let last = part.last else { return 0..<0 }
    return first.range.lowerBound..<last.range.upperBound
  }

  /// The number of the backbone's blocks.
  package var depth: Int {
    parameters.count { $0.name.hasPrefix("backbone.blocks.") && $0.name.hasSuffix(".norm1.weight") }
  }

  /// The number of parameters of the tensors under a prefix, without padding.
  package func elements(of prefix: String) -> Int {
    parameters(of: prefix).reduce(0) { $0 + $1.range.count }
  }
}

/// Lays the tensors of a network out one after the other.
///
/// A network declares its tensors once, to a builder. Without memory this gives the layout; with a buffer
/// of the layout's size it gives the tensors within that buffer, which may hold the parameters of a
/// student, those of a teacher, or gradients.
package struct ParameterBuilder {
  package private(set) var layout = ParameterLayout()
  private let place: (Range<Int>) -> Buffer
  private var prefix = ""

  /// Tensors are in a buffer of all; without one, at their places in the layout.
  package init(in base: Buffer? = nil) {
    self.init { base?[$0] ?? Buffer(offset: $0.lowerBound, count: $0.count) }
  }

  /// - Parameter place: where the tensor with these elements of the layout is.
  package init(_ place: @escaping (Range<Int>) -> Buffer) { self.place = place }

  /// Declares a tensor and returns its part of the buffer.
  package mutating func vector(
    _ name: String, _ shape: [Int], _ initialiser: Initialiser
  ) -> Buffer {
    let count = shape.reduce(1, *)
    let range = layout.count..<layout.count + count
    layout.parameters.append(
      Parameter(name: prefix + name, shape: shape, range: range, initialiser: initialiser))
    let unit = ParameterLayout.alignment
    layout.count += (count + unit - 1) / unit * unit
    return place(range)
  }

  /// Declares a tensor and returns its part of the buffer as a matrix.
  package mutating func matrix(
    _ name: String, rows: Int, columns: Int, shape: [Int]? = nil, _ initialiser: Initialiser
  ) -> Matrix {
    vector(name, shape ?? [rows, columns], initialiser).matrix(rows, columns)
  }

  /// Prefixes the names of the tensors that `body` declares with `name` and a dot.
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
  /// The initial values of a network, by a seed. Each tensor has a random stream of its own.
  package func initialValues(seed: Int) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    for (number, parameter) in parameters.enumerated() {
      values.replaceSubrange(parameter.range, with: initialValues(ofTensor: number, seed: seed))
    }
    return values
  }

  /// The initial values of a tensor, by its number.
  package func initialValues(ofTensor number: Int, seed: Int) -> [Float] {
    let parameter = parameters[number]
    var random = CounterRandom(
      seed: UInt64(truncatingIfNeeded: seed), use: .initialise, number)
    return parameter.range.map { _ in
      switch parameter.initialiser {
      case .constant(let value): value
      case .normal(let deviation): random.normal() * deviation
      case .truncatedNormal(let deviation): random.truncatedNormal(deviation: deviation)
      case .uniform(let bound): random.uniform(-bound, bound)
      }
    }
  }
}
