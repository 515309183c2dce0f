#ifndef DINO_CMalloc_H
#define DINO_CMalloc_H

/* Blocks from a mebibyte on are asked of the system and given back to it when they are freed. Left to
   itself the C library keeps ever larger ones, for each thread its own, and a run would take more
   memory than was planned. */
void dino_give_memory_back(void);

#endif
