#ifndef DINO_CZlib_H
#define DINO_CZlib_H
#include <zlib.h>

/// Begins decompression; `bits` as zlib says: 31 for gzip, 15 for zlib, -15 for bare deflate.
/// `inflateInit2` is a macro, which Swift does not import.
static inline int dino_inflate_init(z_stream *stream, int bits) {
  return inflateInit2(stream, bits);
}
/// Begins compression into gzip, at a level from 0 to 9.
static inline int dino_gzip_init(z_stream *stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
}
#endif
