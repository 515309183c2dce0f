#ifndef DINO_CTiles_H
#define DINO_CTiles_H

/* The tile registers (AMX): eight matrices of 16 rows of 64 bytes, and a unit that multiplies two
   bfloat16 tiles and adds the result to an fp32 tile. Compilers do not allocate tile registers, so
   each function here names those it uses: 0 to 3 are sums, 4 and 5 rows of the left factor, 6 and
   7 columns of the right factor. */

#define DINO_TILES_INLINE static inline __attribute__((always_inline))

/* Requests permission to use the tile registers, which every process must do first. Returns
   whether it is granted. One call is enough for all threads. */
int dino_tiles_permitted(void);

#if defined(__AMX_TILE__) && defined(__AMX_BF16__)
#include <immintrin.h>

/* Whether this build has code for tile registers. */
DINO_TILES_INLINE int dino_tiles_built(void) { return 1; }

/* Sets the sizes of the registers: up to 32 rows, up to 32 columns, and up to 16 slots (pairs of
   bfloat16) of the inner dimension. They apply to the calling thread until
   `dino_tiles_release`. */
DINO_TILES_INLINE void dino_tiles_configure(long rows, long columns, long slots) {
  struct {
    unsigned char palette, start, reserved[14];
    unsigned short bytes[16];
    unsigned char rows[16];
  } shape = {.palette = 1};
  long above = rows < 16 ? rows : 16, below = rows - above;
  long left = columns < 16 ? columns : 16, right = columns - left;
  long height[8] = {above, above, below, below, above, below, slots, slots};
  long width[8] = {left, right, left, right, slots, slots, left, right};
  for (int i = 0; i < 8; i++) {
    int used = height[i] > 0 && width[i] > 0;
    shape.rows[i] = used ? height[i] : 0;
    shape.bytes[i] = used ? 4 * width[i] : 0;
  }
  _tile_loadconfig(&shape);
}

/* Releases the registers, so that the system need not save them. */
DINO_TILES_INLINE void dino_tiles_release(void) { _tile_release(); }

/* Prefetches eight cache lines of 16 slots. */
DINO_TILES_INLINE void dino_tiles_ask(const float *lines) {
  for (int i = 0; i < 8; i++) __builtin_prefetch(lines + 16 * i);
}

/* Computes sums = start + a · b for as many rows and columns as the registers are configured for.
   All strides are in slots of four bytes.
   tall, wide: whether there are more than 16 rows, and more than 16 columns.
   a: rows `a_stride` apart, 16 · chunks slots each; of every 16, the configured number is read.
   b, b_right: lines of 16 slots, one line for each slot of the inner dimension.
   start: null for zero; rows `start_stride` apart, or 0 to repeat one row. */
DINO_TILES_INLINE void dino_tiles_multiply(
    int tall, int wide, long chunks, const float *a, long a_stride, const float *b,
    const float *b_right, const float *start, long start_stride, float *sums, long stride) {
  const long from = 4 * start_stride, to = 4 * stride, along = 4 * a_stride;
  const float *a_below = a + 16 * a_stride;
  if (start) {
    _tile_loadd(0, start, from);
    if (wide) _tile_loadd(1, start + 16, from);
    if (tall) _tile_loadd(2, start + 16 * start_stride, from);
    if (tall && wide) _tile_loadd(3, start + 16 * start_stride + 16, from);
  } else {
    _tile_zero(0);
    if (wide) _tile_zero(1);
    if (tall) _tile_zero(2);
    if (tall && wide) _tile_zero(3);
  }
  for (long i = 0; i < chunks; i++) {
    /* Prefetch what the next chunk reads of b while this one is multiplied; a stays in the
       first-level cache. Prefetching fits between the products. It helps most if another program keeps
       the core's other hardware thread busy. */
    const float *next = b + 256 * (i + 1), *next_right = b_right + 256 * (i + 1);
    _tile_loadd(4, a + 16 * i, along);
    _tile_loadd(6, b + 256 * i, 64);
    if (tall) _tile_loadd(5, a_below + 16 * i, along);
    if (wide) _tile_loadd(7, b_right + 256 * i, 64);
    _tile_dpbf16ps(0, 4, 6);
    dino_tiles_ask(next);
    if (tall) _tile_dpbf16ps(2, 5, 6);
    dino_tiles_ask(next + 128);
    if (wide) _tile_dpbf16ps(1, 4, 7);
    if (wide) dino_tiles_ask(next_right);
    if (tall && wide) _tile_dpbf16ps(3, 5, 7);
    if (wide) dino_tiles_ask(next_right + 128);
  }
  _tile_stored(0, sums, to);
  if (wide) _tile_stored(1, sums + 16, to);
  if (tall) _tile_stored(2, sums + 16 * stride, to);
  if (tall && wide) _tile_stored(3, sums + 16 * stride + 16, to);
}

#else
DINO_TILES_INLINE int dino_tiles_built(void) { return 0; }
DINO_TILES_INLINE void dino_tiles_configure(long rows, long columns, long slots) {}
DINO_TILES_INLINE void dino_tiles_release(void) {}
DINO_TILES_INLINE void dino_tiles_multiply(
    int tall, int wide, long chunks, const float *a, long a_stride, const float *b,
    const float *b_right, const float *start, long start_stride, float *sums, long stride) {}
#endif
#endif
