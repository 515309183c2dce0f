import Tensor

/// Where the sums of a product are written, and in what form.
enum ProductTarget {
  /// The sums are computed in the result itself, in rows `stride` apart.
  case sums(Pointer, stride: Int)
  /// The complete sums are rounded to bfloat16.
  case halves(Pointer, stride: Int)
  /// The sums are the gradient by an activation's output. They are turned into the gradient by its
  /// input and not stored.
  case gradient(ActivationGradient)
  /// The complete sums are searched for large ones and not stored.
  case pairs(PairScan)

  init(_ data: Pointer, stride: Int, _ element: Element) {
    self = element == .bf16 ? .halves(data, stride: stride) : .sums(data, stride: stride)
  }

  /// Whether the sums are computed in workspace instead of in the result.
  var isApart: Bool {
    if case .sums = self { false } else { true }
  }
}
