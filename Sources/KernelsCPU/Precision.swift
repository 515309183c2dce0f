/// What the factors of matrix products are rounded to; everything else is fp32.
package enum Precision: String, Sendable, CaseIterable {
  case fp32
  /// bfloat16: fp32's range with eight significant bits, at twice the rate where the processor has
  /// units for it.
  case bf16

  /// Elements of the inner dimension in 32 bits.
  var elementsPerSlot: Int { self == .fp32 ? 1 : 2 }

  /// Slots that so many elements take.
  func slots(_ elements: Int) -> Int { (elements + elementsPerSlot - 1) / elementsPerSlot }
}
