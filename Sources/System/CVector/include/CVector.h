#ifndef DINO_CVector_H
#define DINO_CVector_H

/* What Swift's SIMD types lack, or compute one lane after the other: comparisons of floats. */

#define DINO_INLINE static inline __attribute__((always_inline))

typedef float dino_float16 __attribute__((ext_vector_type(16)));
typedef float dino_float8 __attribute__((ext_vector_type(8)));
typedef float dino_float4 __attribute__((ext_vector_type(4)));
typedef int dino_int16 __attribute__((ext_vector_type(16)));

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
#endif
