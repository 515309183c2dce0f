/// The precision that factors of matrix products are rounded to. Everything else is fp32.
package enum Precision: String, Sendable, CaseIterable {
  case fp32
  /// bfloat16: the range of fp32 with eight significant bits, at twice the rate or more if the
  /// processor has units for it.
  case bf16

  /// Elements of the inner dimension in a slot of 32 bits.
  var elementsPerSlot: Int { self == .fp32 ? 1 : 2 }

  /// Returns how many slots that number of elements needs.
  func slots(_ elements: Int) -> Int { (elements + elementsPerSlot - 1) / elementsPerSlot }
}
