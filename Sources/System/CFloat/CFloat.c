#include "CFloat.h"

#ifdef __x86_64__
#include <xmmintrin.h>

void dino_flush_denormals(void) {
  enum { factors = 1 << 6, results = 1 << 15 };
  unsigned state = _mm_getcsr();
  if (~state & (factors | results)) _mm_setcsr(state | factors | results);
}
#elif defined(__aarch64__)
void dino_flush_denormals(void) {
  unsigned long state;
  __asm__ volatile("mrs %0, fpcr" : "=r"(state));
  __asm__ volatile("msr fpcr, %0" : : "r"(state | 1ul << 24));
}
#else
void dino_flush_denormals(void) {}
#endif
