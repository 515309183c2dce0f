#ifndef DINO_CFloat_H
#define DINO_CFloat_H

/* Makes the calling thread treat numbers below the smallest normal one (1.2e-38) as zero, as
   operands and as results, from now on. Processors compute with such numbers about a hundred times
   slower. */
void dino_flush_denormals(void);

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Numbers of fp32 as bfloat16, rounded to the nearest even one; a NaN stays one. In a header, so that loops
   are compiled for the processor that the Swift code is compiled for. */
static inline void dino_to_bfloat16(const uint32_t *from, uint16_t *to, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint32_t bits = from[i];
    uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    uint32_t nan = bits >> 16 | 0x40;
    to[i] = (uint16_t)((bits & 0x7fffffff) > 0x7f800000 ? nan : rounded);
  }
}

/* Numbers of bfloat16 as fp32. */
static inline void dino_from_bfloat16(const uint16_t *from, uint32_t *to, size_t count) {
  for (size_t i = 0; i < count; i++) to[i] = (uint32_t)from[i] << 16;
}

/* Adds the second to the first. */
static inline void dino_add_floats(float *to, const float *from, size_t count) {
  for (size_t i = 0; i < count; i++) to[i] += from[i];
}

#endif
