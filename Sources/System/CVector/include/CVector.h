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
typedef unsigned short dino_ushort32 __attribute__((ext_vector_type(32)));

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

/* Lane by lane the square root; the standard library's takes one lane after the other. */
DINO_INLINE dino_float16 dino_square_root(dino_float16 v) { return __builtin_elementwise_sqrt(v); }

#ifndef __AVX512BF16__
/* The 16 leading bits of floats, rounded to even, in the lower halves of the lanes. */
DINO_INLINE dino_uint16 dino_rounded(dino_float16 v) {
  dino_uint16 bits = (dino_uint16)v;
  return (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
}
#endif

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
#ifdef __AVX512BF16__
  dino_ushort32 both = (dino_ushort32)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first);
  return (dino_float16)__builtin_shufflevector(
      both, both, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9, 25, 10, 26, 11,
      27, 12, 28, 13, 29, 14, 30, 15, 31);
#else
  return (dino_float16)(dino_rounded(first) | (dino_rounded(second) << 16));
#endif
}

/* The same of what is bfloat16 already. */
DINO_INLINE dino_float16 dino_joined_pairs(dino_ushort16 first, dino_ushort16 second) {
  return (dino_float16)(__builtin_convertvector(first, dino_uint16) |
                        (__builtin_convertvector(second, dino_uint16) << 16));
}

/* Four rows of 16 floats to eight rows of four pairs, `stride` floats apart. */
DINO_INLINE void dino_transpose_pairs(
    dino_float16 a, dino_float16 b, dino_float16 c, dino_float16 d, float *target, long stride) {
  dino_float8 p = (dino_float8)dino_bf16(a), q = (dino_float8)dino_bf16(b);
  dino_float8 r = (dino_float8)dino_bf16(c), s = (dino_float8)dino_bf16(d);
  /* Within each half: the first and third, the second and fourth of two rows in turn. */
  dino_float8 pq = __builtin_shufflevector(p, q, 0, 8, 1, 9, 4, 12, 5, 13);
  dino_float8 pq2 = __builtin_shufflevector(p, q, 2, 10, 3, 11, 6, 14, 7, 15);
  dino_float8 rs = __builtin_shufflevector(r, s, 0, 8, 1, 9, 4, 12, 5, 13);
  dino_float8 rs2 = __builtin_shufflevector(r, s, 2, 10, 3, 11, 6, 14, 7, 15);
  dino_float8 w0 = __builtin_shufflevector(pq, rs, 0, 1, 8, 9, 4, 5, 12, 13);
  dino_float8 w1 = __builtin_shufflevector(pq, rs, 2, 3, 10, 11, 6, 7, 14, 15);
  dino_float8 w2 = __builtin_shufflevector(pq2, rs2, 0, 1, 8, 9, 4, 5, 12, 13);
  dino_float8 w3 = __builtin_shufflevector(pq2, rs2, 2, 3, 10, 11, 6, 7, 14, 15);
  dino_float4 rows[8] = {w0.lo, w1.lo, w2.lo, w3.lo, w0.hi, w1.hi, w2.hi, w3.hi};
  for (int i = 0; i < 8; i++) __builtin_memcpy(target + i * stride, &rows[i], sizeof rows[i]);
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
