/* Counts what chosen threads of this process ask the C library's allocator for, Swift's objects and
   arrays included. Linking it in is enough: the allocator's functions are replaced by counting ones.
   A program that is built for the address sanitizer has that one's allocator, and nothing is counted. */
#ifndef C_ALLOCATIONS_H
#define C_ALLOCATIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether anything is counted. */
bool allocations_are_counted(void);

/* Whether the calling thread is counted from now on. */
void allocations_count(bool on);

/* Since the last reset, over all counted threads: how many, how many bytes, the largest, and how many
   were given back. */
void allocations_reset(void);
size_t allocations_number(void);
size_t allocations_bytes(void);
size_t allocations_largest(void);
size_t allocations_freed(void);

/* Whether what the calling thread holds is added up from now on, beginning with nothing, and the most
   that it held since then beyond what it gave back. */
void allocations_watch(bool on);
size_t allocations_peak(void);

#endif
