#ifndef DINO_CVector_H
#define DINO_CVector_H

/* What Swift's SIMD types lack, or compute one lane after the other: comparisons of floats, and
   products of bfloat16. */

#ifdef __AVX512BF16__
#include <immintrin.h>
#endif

#define DINO_INLINE static inline __attribute__((always_inline))

typedef float dino_float16 __attribute__((ext_vector_type(16)));
typedef float dino_float8 __attribute__((ext_vector_type(8)));
typedef float dino_float4 __attribute__((ext_vector_type(4)));
typedef int dino_int16 __attribute__((ext_vector_type(16)));
typedef unsigned dino_uint16 __attribute__((ext_vector_type(16)));
typedef unsigned short dino_ushort16 __attribute__((ext_vector_type(16)));

/* Lane by lane the larger, the smaller; a NaN in a stays, one in b is passed over. */
DINO_INLINE dino_float16 dino_larger(dino_float16 a, dino_float16 b) { return b > a ? b : a; }
DINO_INLINE dino_float16 dino_smaller(dino_float16 a, dino_float16 b) { return b < a ? b : a; }

/* The largest lane. */
DINO_INLINE float dino_largest_lane(dino_float16 v) {
  dino_float8 eight = v.lo > v.hi ? v.lo : v.hi;
  dino_float4 four = eight.lo > eight.hi ? eight.lo : eight.hi;
  float low = four.x > four.y ? four.x : four.y;
  float high = four.z > four.w ? four.z : four.w;
  return low > high ? low : high;
}

/* Asks for a cache line that will soon be read. */
DINO_INLINE void dino_prefetch(const void *p) { __builtin_prefetch(p); }

/* Whether this build may use 512-bit registers: the tile of a matrix product is chosen by it. */
DINO_INLINE int dino_wide_registers(void) {
#ifdef __AVX512F__
  return 1;
#else
  return 0;
#endif
}

/* Whether this build multiplies bfloat16 in units of its own. */
DINO_INLINE int dino_bf16_units(void) {
#ifdef __AVX512BF16__
  return 1;
#else
  return 0;
#endif
}

/* The 16 leading bits of floats, rounded to even, in the lower halves of the lanes. */
DINO_INLINE dino_uint16 dino_rounded(dino_float16 v) {
  dino_uint16 bits = (dino_uint16)v;
  return (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
}

/* Floats as bfloat16, in order. */
DINO_INLINE dino_ushort16 dino_bf16(dino_float16 v) {
#ifdef __AVX512BF16__
  return (dino_ushort16)_mm512_cvtneps_pbh((__m512)v);
#else
  return __builtin_convertvector(dino_rounded(v), dino_ushort16);
#endif
}

/* bfloat16 as floats, in order. */
DINO_INLINE dino_float16 dino_from_bf16(dino_ushort16 v) {
  return (dino_float16)(__builtin_convertvector(v, dino_uint16) << 16);
}

/* Lane by lane a pair of bfloat16, the first in the lower half; it travels as a float. */
DINO_INLINE dino_float16 dino_bf16_pairs(dino_float16 first, dino_float16 second) {
  return (dino_float16)(dino_rounded(first) | (dino_rounded(second) << 16));
}

/* Lane by lane sum + the products of two pairs of bfloat16. */
DINO_INLINE dino_float16 dino_add_bf16_products(
    dino_float16 sum, dino_float16 a, dino_float16 b) {
#ifdef __AVX512BF16__
  return (dino_float16)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
#else
  dino_uint16 x = (dino_uint16)a, y = (dino_uint16)b;
  sum += (dino_float16)(x << 16) * (dino_float16)(y << 16);
  return sum + (dino_float16)(x & 0xffff0000u) * (dino_float16)(y & 0xffff0000u);
#endif
}
#endif
