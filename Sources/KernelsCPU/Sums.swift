/// A part of a product's result while it is summed up, in fp32.
struct Sums {
  let data: Pointer
  let stride: Int

  /// Returns the sums from a row on.
  func from(_ row: Int) -> Sums { Sums(data: data + row * stride, stride: stride) }
}
