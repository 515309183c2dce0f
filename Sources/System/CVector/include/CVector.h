#ifndef DINO_CVector_H
#define DINO_CVector_H

/* Operations that Swift's SIMD types lack or compute one lane at a time: comparisons of floats,
   products of bfloat16, and others. */

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
typedef _Bool dino_bool16 __attribute__((ext_vector_type(16)));
typedef unsigned short dino_ushort32 __attribute__((ext_vector_type(32)));

/* The larger or the smaller of each pair of lanes. A NaN in `a` is kept, one in `b` is ignored. */
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

/* One bit for each lane in which v is above the limit, the first lane's lowest. */
DINO_INLINE unsigned dino_lanes_above(dino_float16 v, dino_float16 limit) {
  dino_bool16 above = __builtin_convertvector(v > limit, dino_bool16);
  unsigned short bits;
  __builtin_memcpy(&bits, &above, sizeof bits);
  return bits;
}

/* Prefetches a cache line. */
DINO_INLINE void dino_prefetch(const void *p) { __builtin_prefetch(p); }

/* Whether this build may use 512-bit registers, which decides the tile size of matrix products. */
DINO_INLINE int dino_wide_registers(void) {
#ifdef __AVX512F__
  return 1;
#else
  return 0;
#endif
}

/* Whether this build uses instructions for products of bfloat16. */
DINO_INLINE int dino_bf16_units(void) {
#ifdef __AVX512BF16__
  return 1;
#else
  return 0;
#endif
}

/* c + a · b in each lane, rounded once. The standard library's version computes one lane at a
   time, whereas the compiler can vectorise this one. */
DINO_INLINE dino_float16 dino_fused(dino_float16 a, dino_float16 b, dino_float16 c) {
  return __builtin_elementwise_fma(a, b, c);
}

/* Multiplies twelve rows of a by two panels of b in fp32. The 24 sums stay in 512-bit registers.
   a, a_second: six rows each, row_stride apart, with elements inner_stride apart.
   b, b_second: k lines of 16 elements.
   start: null for zero; rows start_stride apart, or 0 to repeat one row.
   c: the results, in rows `stride` apart. */
DINO_INLINE void dino_tall_tile(
    long k, const float *a, const float *a_second, long row_stride, long inner_stride,
    const float *b, const float *b_second, const float *start, long start_stride, float *c,
    long stride) {
  dino_float16 sums[12][2] = {0};
  if (start) {
#pragma clang loop unroll(full)
    for (int i = 0; i < 12; i++) {
      __builtin_memcpy(&sums[i][0], start + i * start_stride, 64);
      __builtin_memcpy(&sums[i][1], start + i * start_stride + 16, 64);
    }
  }
  for (const float *end = b + 16 * k; b < end; b += 16, b_second += 16) {
    dino_float16 left, right;
    __builtin_memcpy(&left, b, 64);
    __builtin_memcpy(&right, b_second, 64);
#pragma clang loop unroll(full)
    for (int i = 0; i < 12; i++) {
      dino_float16 all = i < 6 ? a[i * row_stride] : a_second[(i - 6) * row_stride];
      sums[i][0] = dino_fused(left, all, sums[i][0]);
      sums[i][1] = dino_fused(right, all, sums[i][1]);
    }
    a += inner_stride;
    a_second += inner_stride;
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 12; i++) {
    __builtin_memcpy(c + i * stride, &sums[i][0], 64);
    __builtin_memcpy(c + i * stride + 16, &sums[i][1], 64);
  }
}

/* The square root of each lane. The standard library's version computes one lane at a time. */
DINO_INLINE dino_float16 dino_square_root(dino_float16 v) { return __builtin_elementwise_sqrt(v); }

#ifndef __AVX512BF16__
/* The upper 16 bits of each lane, rounded to nearest even, in the lower half of the lane. */
DINO_INLINE dino_uint16 dino_rounded(dino_float16 v) {
  dino_uint16 bits = (dino_uint16)v;
  return (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
}
#endif

/* Converts floats to bfloat16, in order. */
DINO_INLINE dino_ushort16 dino_bf16(dino_float16 v) {
#ifdef __AVX512BF16__
  return (dino_ushort16)_mm512_cvtneps_pbh((__m512)v);
#else
  return __builtin_convertvector(dino_rounded(v), dino_ushort16);
#endif
}

/* Converts bfloat16 to floats, in order. */
DINO_INLINE dino_float16 dino_from_bf16(dino_ushort16 v) {
  return (dino_float16)(__builtin_convertvector(v, dino_uint16) << 16);
}

/* Converts the lanes of two vectors to pairs of bfloat16, with `first` in the lower halves. Each
   pair is passed as a float. */
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

/* Joins the lanes of two vectors of bfloat16 to pairs, with `first` in the lower halves. */
DINO_INLINE dino_float16 dino_joined_pairs(dino_ushort16 first, dino_ushort16 second) {
  return (dino_float16)(__builtin_convertvector(first, dino_uint16) |
                        (__builtin_convertvector(second, dino_uint16) << 16));
}

/* Converts 32 floats to 16 pairs of bfloat16, in order. */
DINO_INLINE dino_float16 dino_bf16_row(dino_float16 first, dino_float16 second) {
#ifdef __AVX512BF16__
  return (dino_float16)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first);
#else
  return (dino_float16)__builtin_shufflevector(
      dino_bf16(first), dino_bf16(second), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
      17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
#endif
}

/* The steps of a transposition: interleave two rows by one and by two floats within each quarter,
   then join the even or the odd quarters of two rows. */
#define DINO_ONES(a, b, i)                                                                          \
  __builtin_shufflevector(                                                                          \
      a, b, i, i + 16, i + 1, i + 17, i + 4, i + 20, i + 5, i + 21, i + 8, i + 24, i + 9, i + 25,   \
      i + 12, i + 28, i + 13, i + 29)
#define DINO_TWOS(a, b, i)                                                                          \
  __builtin_shufflevector(                                                                          \
      a, b, i, i + 1, i + 16, i + 17, i + 4, i + 5, i + 20, i + 21, i + 8, i + 9, i + 24, i + 25,   \
      i + 12, i + 13, i + 28, i + 29)
#define DINO_QUARTERS(a, b, i)                                                                      \
  __builtin_shufflevector(                                                                          \
      a, b, i, i + 1, i + 2, i + 3, i + 8, i + 9, i + 10, i + 11, i + 16, i + 17, i + 18, i + 19,   \
      i + 24, i + 25, i + 26, i + 27)

/* Loads or stores a line of 16 floats. */
DINO_INLINE dino_float16 dino_line(const float *p) {
  dino_float16 v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
DINO_INLINE void dino_set_line(float *p, dino_float16 v) { __builtin_memcpy(p, &v, sizeof v); }

/* Transposes four rows within quarters: quarter q of `columns[c]` holds their elements 4q + c. */
DINO_INLINE void dino_turn_four(const float *p, long stride, dino_float16 columns[4]) {
  dino_float16 a = dino_line(p), b = dino_line(p + stride);
  dino_float16 c = dino_line(p + 2 * stride), d = dino_line(p + 3 * stride);
  dino_float16 ab = DINO_ONES(a, b, 0), ab2 = DINO_ONES(a, b, 2);
  dino_float16 cd = DINO_ONES(c, d, 0), cd2 = DINO_ONES(c, d, 2);
  columns[0] = DINO_TWOS(ab, cd, 0);
  columns[1] = DINO_TWOS(ab, cd, 2);
  columns[2] = DINO_TWOS(ab2, cd2, 0);
  columns[3] = DINO_TWOS(ab2, cd2, 2);
}

/* Transposes a square of 16 rows of 16 slots. The rows are `stride` apart in `source` and
   `distance` apart in `target`. */
DINO_INLINE void dino_turn(const float *source, long stride, float *target, long distance) {
  dino_float16 a[4], b[4], c[4], d[4];
  dino_turn_four(source, stride, a);
  dino_turn_four(source + 4 * stride, stride, b);
  dino_turn_four(source + 8 * stride, stride, c);
  dino_turn_four(source + 12 * stride, stride, d);
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++) {
    dino_float16 even = DINO_QUARTERS(a[i], b[i], 0), even2 = DINO_QUARTERS(c[i], d[i], 0);
    dino_float16 odd = DINO_QUARTERS(a[i], b[i], 4), odd2 = DINO_QUARTERS(c[i], d[i], 4);
    dino_set_line(target + i * distance, DINO_QUARTERS(even, even2, 0));
    dino_set_line(target + (i + 4) * distance, DINO_QUARTERS(odd, odd2, 0));
    dino_set_line(target + (i + 8) * distance, DINO_QUARTERS(even, even2, 4));
    dino_set_line(target + (i + 12) * distance, DINO_QUARTERS(odd, odd2, 4));
  }
}

/* Adds the products of two pairs of bfloat16 to `sum`, in each lane. */
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
