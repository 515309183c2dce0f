#ifndef DINO_CTIFF_H
#define DINO_CTIFF_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tiffio.h>

/// The first page of a TIFF file that is being read from memory.
///
/// Nothing is printed: the first error is kept in `message`, and warnings are dropped.
typedef struct dino_tiff_reader {
  /// NULL if the file could not be opened.
  TIFF *tiff;
  const unsigned char *bytes;
  uint64_t count;
  uint64_t position;
  /// Whether a JPEG stream in the file has pixels that cannot be decoded, of which libtiff only
  /// warns.
  bool is_spoilt;
  char message[160];
} dino_tiff_reader;

/// Returns a reader of `count` bytes, which must stay valid while it is used; NULL if memory is
/// short. libtiff allocates at most `most` bytes at a time.
dino_tiff_reader *dino_tiff_open(const unsigned char *bytes, size_t count, size_t most);

/// Frees the reader.
void dino_tiff_close(dino_tiff_reader *reader);

/// Returns the value of a field of 16 bits; `fallback` if there is none.
static inline uint16_t dino_tiff_short(TIFF *tiff, uint32_t tag, uint16_t fallback) {
  uint16_t value = fallback;
  return TIFFGetField(tiff, tag, &value) ? value : fallback;
}

/// Returns the value of a field of 32 bits; 0 if there is none.
static inline uint32_t dino_tiff_long(TIFF *tiff, uint32_t tag) {
  uint32_t value = 0;
  return TIFFGetField(tiff, tag, &value) ? value : 0;
}

/// Returns the kinds of the samples beyond the colours, and writes their number to `count`.
static inline const uint16_t *dino_tiff_extra_samples(TIFF *tiff, uint16_t *count) {
  const uint16_t *kinds = NULL;
  *count = 0;
  return TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, count, &kinds) ? kinds : NULL;
}

/// Returns whether each pixel of YCbCr has samples of colour of its own.
static inline bool dino_tiff_has_all_colours(TIFF *tiff) {
  uint16_t across = 0, down = 0;
  return TIFFGetFieldDefaulted(tiff, TIFFTAG_YCBCRSUBSAMPLING, &across, &down) && across == 1 &&
         down == 1;
}

/// Finds the three columns of the palette, each with a value of 16 bits for each index.
static inline bool dino_tiff_palette(
    TIFF *tiff, const uint16_t **red, const uint16_t **green, const uint16_t **blue) {
  return TIFFGetField(tiff, TIFFTAG_COLORMAP, red, green, blue);
}

/// Returns the XMP packet and writes its length to `count`; NULL if there is none.
static inline const void *dino_tiff_xmp(TIFF *tiff, uint32_t *count) {
  const void *packet = NULL;
  *count = 0;
  return TIFFGetField(tiff, TIFFTAG_XMLPACKET, count, &packet) ? packet : NULL;
}

/// Lets a JPEG stream with colours as YCbCr be read as RGB.
static inline bool dino_tiff_read_jpeg_as_rgb(TIFF *tiff) {
  return TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
}
#endif
