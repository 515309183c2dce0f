/// A graph of ONNX: operators, the tensors that they compute with, and what goes in and comes out.
struct ONNXGraph {
  /// An operator.
  struct Node {
    let type: String
    let inputs: [String]
    let outputs: [String]
    let attributes: [(name: String, value: Attribute)]
  }

  enum Attribute {
    case int(Int)
    case ints([Int])
    case float(Float)
  }

  /// A tensor that is stored with the graph.
  struct Tensor {
    let name: String
    let shape: [Int]
    let values: Values

    enum Values {
      /// Numbers of fp32, made when they are written.
      case floats(() -> [Float])
      case ints([Int])
    }

    /// The size of the values in bytes.
    var size: Int {
      let count = shape.reduce(1, *)
      return if case .floats = values { 4 * count } else { 8 * count }
    }
  }

  /// A tensor that goes in or comes out. An extent is a number, or a name for any number.
  struct Value {
    let name: String
    let extents: [String]
  }

  private(set) var nodes: [Node] = []
  private(set) var tensors: [Tensor] = []
  var input: Value
  var outputs: [Value] = []

  init(input: Value) { self.input = input }

  /// Adds a tensor, and returns its name.
  mutating func constant(_ name: String, _ shape: [Int], _ values: @escaping () -> [Float])
    -> String
  {
    tensors.append(Tensor(name: name, shape: shape, values: .floats(values)))
    return name
  }

  /// Adds whole numbers, which have the name that says what they are; equal ones are stored once.
  mutating func numbers(_ values: [Int], isScalar: Bool = false) -> String {
    let name =
      (isScalar ? "scalar." : "numbers.") + values.map(String.init).joined(separator: ".")
    if !tensors.contains(where: { $0.name == name }) {
      tensors.append(
        Tensor(name: name, shape: isScalar ? [] : [values.count], values: .ints(values)))
    }
    return name
  }

  /// Adds a number of fp32.
  mutating func number(_ value: Float) -> String {
    let name = "number.\(value)"
    if !tensors.contains(where: { $0.name == name }) {
      tensors.append(Tensor(name: name, shape: [], values: .floats { [value] }))
    }
    return name
  }

  /// Adds an operator, and returns the name of its output.
  mutating func add(
    _ type: String, _ inputs: String..., as output: String,
    _ attributes: [(name: String, value: Attribute)] = []
  ) -> String {
    nodes.append(
      Node(type: type, inputs: inputs, outputs: [output], attributes: attributes))
    return output
  }

  /// Adds a split of the last of three axes into equal parts, and returns their names.
  mutating func split(_ input: String, into names: [String]) -> [String] {
    nodes.append(
      Node(type: "Split", inputs: [input], outputs: names, attributes: [("axis", .int(2))]))
    return names
  }
}
