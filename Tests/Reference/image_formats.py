"""Makes Tests/ImagesTests/Fixtures/formats: small TIFF, WebP, GIF, BMP and PPM files, and the pixels that Pillow reads.

    python image_formats.py FOLDER      # needs pillow, numpy, tifffile and imagecodecs

`cases.json` says of each file which PPM has its pixels. Where Pillow does not define 8-bit RGB (16-bit grey, numbers
of 32 bits, fractions), the pixels follow from the samples that tifffile reads by the rule that `decode` states.
"""

import json
import pathlib
import struct
import sys

import numpy
import tifffile
from PIL import Image, ImageOps

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
rng = numpy.random.default_rng(1)
width, height = 21, 13
rows, columns = numpy.mgrid[0:height, 0:width]
colours = numpy.stack([rows * 19, columns * 12, 128 + 100 * numpy.sin(rows / 2) * numpy.cos(columns / 3)], -1)
colours = colours.clip(0, 255).astype(numpy.uint8)
grey = colours[..., 2]
alpha = (columns * 12).astype(numpy.uint8)
cases, pictures = {}, {}


def keep(name, pixels=None):
    """Records the pixels of a file: those given, or those that Pillow reads."""
    if pixels is None:
        with Image.open(folder / name) as image:
            image.load()
            pixels = numpy.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    pixels = numpy.ascontiguousarray(pixels if pixels.ndim == 3 else numpy.repeat(pixels[..., None], 3, -1))
    head = b"P6\n%d %d\n255\n" % (pixels.shape[1], pixels.shape[0])
    data = head + pixels.astype(numpy.uint8).tobytes()
    if data not in pictures:
        pictures[data] = name + ".pixels"
        (folder / pictures[data]).write_bytes(data)
    cases[name] = pictures[data]


def pil(name, image, pixels=None, **options):
    image.save(folder / name, **options)
    keep(name, pixels)


def tiff(name, samples, meaning="minisblack", rule=None, **options):
    path = folder / (name + ".tif")
    tifffile.imwrite(path, samples, photometric=meaning, metadata=None, **options)
    read = tifffile.imread(path)
    assert numpy.array_equal(read, samples, equal_nan=samples.dtype.kind == "f")
    keep(path.name, rule and rule(read))


def write(name, data, pixels=None):
    (folder / name).write_bytes(data)
    keep(name, pixels)


def ranged(samples):
    """The rule for samples without a greatest value."""
    values = samples.astype(numpy.float64)
    finite = values[numpy.isfinite(values)]
    low, high = finite.min(), finite.max()
    if low >= 0 and high <= 1 and samples.dtype.kind == "f":
        levels = numpy.floor(values * 255 + 0.5)
    elif low >= 0 and high <= 255:
        levels = numpy.floor(values)
    else:
        levels = numpy.floor((values - low) / (high - low) * 255 + 0.5)
    return numpy.where(numpy.isnan(levels), 0, levels).clip(0, 255)


def exif(orientation):
    data = Image.Exif()
    data[274] = orientation
    return data


picture, plain = Image.fromarray(colours), Image.fromarray(grey)
indexed = picture.quantize(16)
bits = Image.fromarray(grey > 128).convert("1")
with_alpha = Image.fromarray(numpy.dstack([colours, alpha]))

# TIFF: compressions, layouts, meanings.
for name in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "zstd", "lzma", "jpeg"):
    pil(f"{name.removeprefix('tiff_')}.tif", picture, compression=name, tiffinfo={278: 8})
pil("predictor.tif", picture, compression="tiff_lzw", tiffinfo={317: 2})
pil("jpeg-ycbcr.tif", Image.fromarray(colours.repeat(2, 0).repeat(2, 1)).convert("YCbCr"), compression="jpeg")
pil("ycbcr.tif", picture.convert("YCbCr"), compression="tiff_lzw")
pil("ycbcr-raw.tif", picture.convert("YCbCr"))
for name in ("group3", "group4"):
    pil(f"{name}.tif", bits, compression=name)
pil("fill-order.tif", bits, tiffinfo={266: 2})
pil("palette.tif", indexed)
pil("grey-alpha.tif", Image.merge("LA", [plain, Image.fromarray(alpha)]))
pil("alpha.tif", with_alpha)
pil("ink.tif", picture.convert("CMYK"), compression="tiff_lzw")
pil("big.tif", picture, big_tiff=True)
for orientation in range(1, 9):
    pil(f"orientation-{orientation}.tif", picture, tiffinfo={274: orientation})
xmp = b'<x:xmpmeta tiff:Orientation="6"/>'
tiff("xmp", colours, "rgb", lambda read: numpy.rot90(read, -1), extratags=[(700, 1, len(xmp), xmp, True)])
pil("pages.tif", picture, save_all=True, append_images=[plain, bits])
planes = numpy.moveaxis(colours, -1, 0)
tiff("planes", planes, "rgb", lambda read: numpy.moveaxis(read, 0, -1), planarconfig="separate", rowsperstrip=4)
tiff("tiled-planes", planes, "rgb", lambda read: numpy.moveaxis(read, 0, -1), planarconfig="separate", tile=(16, 16))
tiff("tiles", colours, "rgb", tile=(16, 16), compression="zlib")
tiff("big-endian", colours, "rgb", byteorder=">")
tiff("multiplied", numpy.dstack([colours // 3, alpha]), "rgb", extrasamples=["assocalpha"])
tiff("white-is-zero", grey, "miniswhite")
tiff("extra", numpy.dstack([colours, alpha, grey]), "rgb", extrasamples=["unspecified"] * 2)


def packed(name, samples, size, meaning, pixels, order="<"):
    """Writes a TIFF file whose samples have any number of bits."""
    rows = ["".join(format(int(value), f"0{size}b") for value in row) for row in samples]
    data = b"".join(int(row + "0" * (-len(row) % 8), 2).to_bytes((len(row) + 7) // 8, "big") for row in rows)
    fields = [(256, 4, width), (257, 4, height), (258, 3, size), (259, 3, 1), (262, 3, meaning),
              (273, 4, 8), (277, 3, 1), (278, 4, height), (279, 4, len(data))]
    directory = struct.pack(order + "H", len(fields))
    for tag, kind, value in fields:
        directory += struct.pack(order + "HHI", tag, kind, 1)
        directory += struct.pack(order + "I" if kind == 4 else order + "HH", *([value] if kind == 4 else [value, 0]))
    data += b"\0" * (len(data) % 2)
    start = {"<": b"II*\0", ">": b"MM\0*"}[order]
    write(name, start + struct.pack(order + "I", 8 + len(data)) + data + directory + b"\0" * 4, pixels)


packed("grey2.tif", grey >> 6, 2, 1, None)
packed("grey4.tif", grey >> 4, 4, 0, None)
packed("grey12.tif", grey.astype(int) * 16 + 7, 12, 1, numpy.rint((grey * 16.0 + 7) / 4095 * 255))
packed("grey6.tif", grey >> 2, 6, 1, numpy.rint((grey >> 2) / 63 * 255))

# TIFF: more than 8 bits.
wide = rng.integers(0, 65536, (height, width, 3)).astype(numpy.uint16)
upper = lambda read: read[..., :3] >> 8
for order in "<>":
    tiff(f"rgb16{'-big-endian' * (order == '>')}", wide, "rgb", byteorder=order, compression="lzw", predictor=True)
tiff("multiplied16", numpy.dstack([wide // 4, wide[..., :1] | 16384]), "rgb", extrasamples=["assocalpha"])
scaled = lambda read: (read.astype(numpy.int64) * 255 + 32767) // 65535
tiff("grey16", wide[..., 0], rule=scaled)
tiff("grey16-big-endian", wide[..., 0], rule=scaled, byteorder=">")
tiff("white-is-zero16", wide[..., 0], "miniswhite", rule=lambda read: 255 - scaled(read))
tiff("signed16", wide[..., 0].astype(numpy.int16), rule=ranged)
tiff("signed32", grey.astype(numpy.int32))
tiff("unsigned32", rng.integers(0, 1 << 32, (height, width)).astype(numpy.uint32), rule=ranged, byteorder=">")
tiff("unsigned64", rng.integers(0, 1 << 40, (height, width)).astype(numpy.uint64), rule=ranged)
unit = rng.random((height, width))
for name in ("float16", "float32", "float64"):
    tiff(name, unit.astype(name), rule=ranged)
tiff("float-levels", (unit * 255).astype(numpy.float32))
tiff("float-predictor", (unit * 900 - 30).astype(numpy.float32), rule=ranged, compression="zlib", predictor=True,
     byteorder=">")
tiff("float-rgb", rng.random((height, width, 3)).astype(numpy.float32) * 3, "rgb", rule=ranged, tile=(16, 16))
odd = (unit * 2000).astype(numpy.float32)
odd[0, :3] = numpy.nan, numpy.inf, -numpy.inf
tiff("float-odd", odd, rule=ranged)

# WebP.
pil("lossy.webp", picture, quality=80)
pil("lossless.webp", picture, lossless=True)
pil("alpha.webp", with_alpha, quality=70)
pil("transparent.webp", with_alpha, lossless=True, exact=True)
pil("frames.webp", picture, save_all=True, append_images=[Image.fromarray(255 - colours)], lossless=True)
pil("exif.webp", picture, lossless=True, exif=exif(6))
pil("xmp.webp", picture, lossless=True, xmp=b'<x tiff:Orientation="8"/>')
payload = (folder / "lossless.webp").read_bytes()[12:]


def chunk(name, data):
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def three(value):
    return struct.pack("<I", value)[:3]


# The first frame leaves a margin.
frame = three(2) + three(3) + three(width - 1) + three(height - 1) + three(50) + b"\0" + payload
body = (b"WEBP" + chunk(b"VP8X", b"\2\0\0\0" + three(width + 9) + three(height + 11)) +
        chunk(b"ANIM", b"\0\0\xff\xff\0\0") + chunk(b"ANMF", frame))
write("margin.webp", b"RIFF" + struct.pack("<I", len(body)) + body)

# GIF.
pil("palette.gif", indexed)
pil("interlaced.gif", indexed, interlace=True)
pil("grey.gif", plain)
pil("transparent.gif", indexed, transparency=3)
pil("frames.gif", indexed, save_all=True, append_images=[picture.quantize(5), bits.convert("P")], disposal=2)
source = (folder / "transparent.gif").read_bytes()
image = source.index(b",", 13 + 3 * (2 << (source[10] & 7)))
for name, screen, place in (("margin.gif", (30, 20), (4, 5)), ("beyond.gif", (15, 9), (2, 3))):
    data = bytearray(source)
    data[6:10], data[image + 1:image + 5] = struct.pack("<HH", *screen), struct.pack("<HH", *place)
    write(name, bytes(data))
table = 3 * (2 << (source[10] & 7))
local = bytearray(source[:10]) + bytes([source[10] & 0x70]) + source[11:13] + source[13 + table:]
place = image - table
local[place + 9] = 0x80 | source[10] & 7
local[place + 10:place + 10] = bytes(reversed(source[13:13 + table]))
write("local-palette.gif", bytes(local))
write("no-palette.gif", source[:10] + bytes([source[10] & 0x70]) + source[11:13] + source[13 + table:])

# BMP.
pil("rgb.bmp", picture)
pil("alpha.bmp", with_alpha)
pil("grey.bmp", plain)
pil("palette.bmp", picture.quantize(200))


def bmp(name, size, pixels, header=40, compression=0, colours=0, masks=(), down=False):
    palette = rng.integers(0, 256, (colours, 3)).astype(numpy.uint8)
    palette = numpy.hstack([palette, numpy.zeros((colours, 1), numpy.uint8)])[:, :3 if header == 12 else 4].tobytes()
    masks = b"".join(struct.pack("<I", mask) for mask in masks)
    if header == 12:
        head = struct.pack("<IHHHH", 12, width, height, 1, size)
    else:
        head = struct.pack("<IiiHHIIiiII", header, width, -height if down else height, 1, size, compression,
                           len(pixels), 2835, 2835, colours, 0)
        head = (head + masks * (header > 40)).ljust(header, b"\0") + masks * (header == 40)
    start = 14 + len(head) + len(palette)
    write(name, b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + head + palette + pixels)


def indices(size, most):
    rows = ["".join(format(int(value), f"0{size}b") for value in row) for row in rng.integers(0, most, (height, width))]
    rows = [row + "0" * (-len(row) % 32) for row in rows]
    return b"".join(int(row, 2).to_bytes(len(row) // 8, "big") for row in rows)


def noise(size):
    return rng.integers(0, 256, (width * size + 31) // 32 * 4 * height).astype(numpy.uint8).tobytes()


for size in (1, 4, 8):
    bmp(f"indices{size}.bmp", size, indices(size, 1 << size), colours=1 << size)
    bmp(f"os2-{size}.bmp", size, indices(size, 1 << size), header=12, colours=1 << size)
bmp("os2-24.bmp", 24, noise(24), header=12)
bmp("top-down.bmp", 24, noise(24), down=True)
bmp("rgb555.bmp", 16, noise(16))
bmp("rgb565.bmp", 16, noise(16), compression=3, masks=(0xF800, 0x7E0, 0x1F))
bmp("rgb32.bmp", 32, noise(32))
bmp("masks32.bmp", 32, noise(32), compression=3, masks=(0xFF000000, 0xFF0000, 0xFF00, 0), header=56)
bmp("masks-alpha.bmp", 32, noise(32), compression=3, masks=(0xFF, 0xFF00, 0xFF0000, 0xFF000000), header=124)
bmp("few-colours.bmp", 8, indices(8, 256), colours=100)


def run(size):
    """Rows with a run, pixels of their own, a skipped part, and nothing."""
    own = bytes(range(1, 6)) if size == 8 else bytes([0x12, 0x34, 0x50])
    row = bytes([9, 0x37, 0, 5]) + own + b"\0" * (len(own) % 2) + bytes([7, 0x5A])
    skip = bytes([4, 0x21, 0, 2, 9, 0, 8, 0x43])
    return (row + b"\0\0") * 5 + (skip + b"\0\0") * 3 + b"\0\2\0\3" + (row + b"\0\0") * (height - 11) + b"\0\1"


bmp("runs8.bmp", 8, run(8), compression=1, colours=256)
bmp("runs4.bmp", 4, run(4), compression=2, colours=16)

# PPM, PGM and PBM.
pil("rgb.ppm", picture)
pil("grey.pgm", plain)
pil("bits.pbm", bits)
size = b"%d # a comment\n %d\t" % (width, height)
ones = (grey > 128).astype(int)
write("signs.pbm", b"P1\n" + size + b"".join(b"%d" % value for value in ones.flat))
write("text.pgm", b"P2 " + size + b"100\n" + b"\n".join(b"%d" % value for value in (grey // 3).flat))
write("text.ppm", b"P3\n" + size + b"1000\r\n" + b" ".join(b"%d" % value for value in colours.astype(int).flat) + b"\n# end")
write("most-100.pgm", b"P5\n" + size + b"100\n" + (grey // 3).tobytes())
write("most-7.ppm", b"P6\n" + size + b"7\n" + (colours >> 5).tobytes())
for most in (1000, 65535):
    values = rng.integers(0, most + 1, (height, width, 3)).astype(">u2")
    write(f"most-{most}.ppm", b"P6\n" + size + b"%d\n" % most + values.tobytes())
    write(f"most-{most}.pgm", b"P5\n" + size + b"%d\n" % most + values[..., 0].tobytes(),
          numpy.rint(values[..., 0] / most * 255))

(folder / "cases.json").write_text(json.dumps(cases, indent=1) + "\n")
