import Tensor

/// Where the sums of a product go, and what becomes of them there.
enum ProductTarget {
  /// They are made where they stay, in rows `stride` apart.
  case sums(Pointer, stride: Int)
  /// Rounded to bfloat16 once they are whole.
  case halves(Pointer, stride: Int)
  /// They are the gradient by an activation's output, and are gone once that by its input is there.
  case gradient(ActivationGradient)

  init(_ data: Pointer, stride: Int, _ element: Element) {
    self = element == .bf16 ? .halves(data, stride: stride) : .sums(data, stride: stride)
  }

  /// Whether the sums are made elsewhere.
  var isApart: Bool {
    if case .sums = self { false } else { true }
  }
}
