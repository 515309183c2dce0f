#include "CFloat.h"

#ifdef __x86_64__
#include <xmmintrin.h>

/* The bits of MXCSR: denormal operands are zero (DAZ), denormal results are zero (FTZ). */
void dino_flush_denormals(void) {
  enum { factors = 1 << 6, results = 1 << 15 };
  unsigned state = _mm_getcsr();
  if (~state & (factors | results)) _mm_setcsr(state | factors | results);
}
#elif defined(__aarch64__)
/* Bit 24 of FPCR (FZ) covers operands and results. */
void dino_flush_denormals(void) {
  unsigned long state;
  __asm__ volatile("mrs %0, fpcr" : "=r"(state));
  __asm__ volatile("msr fpcr, %0" : : "r"(state | 1ul << 24));
}
#else
void dino_flush_denormals(void) {}
#endif
