#ifndef DINO_CPNG_H
#define DINO_CPNG_H
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <png.h>

/// libpng reports an error by a jump that must not cross a Swift frame, so every call that can
/// fail is wrapped here: it returns false and leaves `message`. After a failure only
/// `dino_png_close` may follow.
typedef struct dino_png_reader {
  png_structp png;
  png_infop info;
  const unsigned char *next;
  size_t left;
  jmp_buf escape;
  char message[160];
} dino_png_reader;

/// A reader of `count` bytes, which must outlive it; NULL when memory is short.
dino_png_reader *dino_png_open(const unsigned char *bytes, size_t count);

/// Reads all that stands before the pixels.
bool dino_png_read_header(dino_png_reader *reader);

/// The whole picture as 8-bit RGB, rows `stride` bytes apart, to the file's end: palettes and
/// grey become colours, 16 bits are rounded to 8, alpha and gamma are dropped.
bool dino_png_read_rgb(dino_png_reader *reader, unsigned char *rows, size_t stride);

void dino_png_close(dino_png_reader *reader);

/// Most bytes that an 8-bit RGB picture of `image`'s size takes as PNG.
static inline size_t dino_png_most_bytes(png_image image) {
  return PNG_IMAGE_PNG_SIZE_MAX(image);
}

/// `image`, described as 8-bit RGB.
static inline png_image dino_png_rgb_image(png_uint_32 width, png_uint_32 height) {
  png_image image = {0};
  image.version = PNG_IMAGE_VERSION;
  image.format = PNG_FORMAT_RGB;
  image.width = width;
  image.height = height;
  return image;
}
#endif
