#ifndef DINO_CFloat_H
#define DINO_CFloat_H

/* From here on the calling thread takes numbers below the smallest normal one (1.2e-38) for zero, as
   factors and as results: processors compute with them some hundred times slower. */
void dino_flush_denormals(void);

#endif
