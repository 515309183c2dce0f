#ifndef DINO_CMalloc_H
#define DINO_CMalloc_H

/* Makes malloc map blocks of a mebibyte and more separately, so that they return to the system
   when they are freed. By default the C library raises that threshold and keeps ever larger blocks
   for each thread, and a run would use more memory than planned. */
void dino_give_memory_back(void);

#endif
