import CVector
import Tensor

/// The elements of a matrix, fp32 or bfloat16, read and written as vectors of fp32.
struct Elements {
  private let base: UnsafeMutableRawPointer
  private let isRounded: Bool

  init(_ base: Pointer, _ element: Element) {
    self.base = UnsafeMutableRawPointer(base)
    isRounded = element == .bf16
  }

  /// Returns the elements from element `i` on.
  @inline(__always)
  func from(_ i: Int) -> Elements {
    Elements(
      (base + (isRounded ? 2 : 4) &* i).assumingMemoryBound(to: Float.self),
      isRounded ? .bf16 : .fp32)
  }

  /// Returns `lanes` elements from element `i` on; the other lanes are zero.
  @inline(__always)
  func load(_ i: Int, _ lanes: Int) -> Vector {
    isRounded
      ? dino_from_bf16(loadHalves(base + 2 &* i, lanes))
      : KernelsCPU.load((base + 4 &* i).assumingMemoryBound(to: Float.self), lanes)
  }

  /// Stores the first `lanes` elements from element `i` on.
  @inline(__always)
  func store(_ v: Vector, _ i: Int, _ lanes: Int) {
    if isRounded {
      storeHalves(dino_bf16(v), base + 2 &* i, lanes)
    } else {
      KernelsCPU.store(v, (base + 4 &* i).assumingMemoryBound(to: Float.self), lanes)
    }
  }
}

extension CPUKernels {
  /// Returns the elements of a matrix, fp32 or bfloat16.
  @inline(__always)
  func elements(_ matrix: Matrix) -> Elements {
    Elements(pointer(matrix.buffer), matrix.element)
  }
}

/// Loads `count` (≤ 16) elements of 16 bits; the other lanes are zero.
@inline(__always)
func loadHalves(_ p: UnsafeRawPointer, _ count: Int) -> SIMD16<UInt16> {
  if count == 16 { return p.loadUnaligned(as: SIMD16<UInt16>.self) }
  var halves = SIMD16<UInt16>.zero
  withUnsafeMutableBytes(of: &halves) { $0.copyMemory(from: .init(start: p, count: 2 * count)) }
  return halves
}

/// Stores the first `count` (≤ 16) lanes of 16 bits.
@inline(__always)
func storeHalves(_ v: SIMD16<UInt16>, _ p: UnsafeMutableRawPointer, _ count: Int) {
  if count == 16 { return p.storeBytes(of: v, as: SIMD16<UInt16>.self) }
  withUnsafeBytes(of: v) { p.copyMemory(from: $0.baseAddress!, byteCount: 2 * count) }
}
