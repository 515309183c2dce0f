#ifndef DINO_CFloat_H
#define DINO_CFloat_H

/* Makes the calling thread treat numbers below the smallest normal one (1.2e-38) as zero, as
   operands and as results, from now on. Processors compute with such numbers about a hundred times
   slower. */
void dino_flush_denormals(void);

#endif
