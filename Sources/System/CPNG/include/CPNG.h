#ifndef DINO_CPNG_H
#define DINO_CPNG_H
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <png.h>

/// A PNG file that is being read.
///
/// libpng reports errors with longjmp, which must not cross a Swift frame. Every call that can
/// fail is therefore wrapped here: it returns false and sets `message`. After a failure only
/// `dino_png_close` may be called.
typedef struct dino_png_reader {
  png_structp png;
  png_infop info;
  const unsigned char *next;
  size_t left;
  jmp_buf escape;
  char message[160];
} dino_png_reader;

/// Returns a reader of `count` bytes, which must stay valid while it is used; NULL if memory is
/// short.
dino_png_reader *dino_png_open(const unsigned char *bytes, size_t count);

/// Reads everything before the pixels.
bool dino_png_read_header(dino_png_reader *reader);

/// Reads the whole picture as 8-bit RGB, in rows `stride` bytes apart, up to the end of the file.
/// Palettes and grey are converted to RGB, alpha and gamma are dropped. Of 16 bits, colours and grey
/// with alpha keep the upper 8; grey without alpha is rounded to 8. If `needs_end` is false, damage
/// behind the last row does not count.
bool dino_png_read_rgb(
    dino_png_reader *reader, unsigned char *rows, size_t stride, bool needs_end);

/// Reads all samples of the picture as they are stored, in rows `stride` bytes apart, up to the end
/// of the file: 8 bits, or 16 in the machine's order. Palettes become RGB, and grey of fewer bits
/// becomes grey of 8; alpha stays. `needs_end` is as above.
bool dino_png_read_samples(
    dino_png_reader *reader, unsigned char *rows, size_t stride, bool needs_end);

/// Frees the reader.
void dino_png_close(dino_png_reader *reader);

/// Returns the checksum of a chunk, given its type and data.
unsigned dino_png_crc(const unsigned char *bytes, size_t count);

/// How the inflation of compressed bytes ended.
typedef enum dino_inflation {
  /// The compressed data are complete, and their checksum is right.
  DINO_INFLATION_ENDED,
  /// The bytes end before the compressed data do.
  DINO_INFLATION_CUT,
  /// There are more than `most` bytes.
  DINO_INFLATION_TOO_LARGE,
  /// The bytes are not compressed data, or their checksum is wrong.
  DINO_INFLATION_DAMAGED,
} dino_inflation;

/// Inflates `count` bytes that are compressed in zlib's format. Writes at most `most` bytes to `to`,
/// which may be NULL to only count them, and their number to `made`.
dino_inflation dino_inflate(
    const unsigned char *bytes, size_t count, unsigned char *to, size_t most, size_t *made);

/// Returns the largest number of bytes that an image described as `image` can need as PNG.
static inline size_t dino_png_most_bytes(png_image image) {
  return PNG_IMAGE_PNG_SIZE_MAX(image);
}

/// Returns the description of an 8-bit RGB image.
static inline png_image dino_png_rgb_image(png_uint_32 width, png_uint_32 height) {
  png_image image = {0};
  image.version = PNG_IMAGE_VERSION;
  image.format = PNG_FORMAT_RGB;
  image.width = width;
  image.height = height;
  return image;
}
#endif
