"""Makes Tests/ImagesTests/Fixtures/samples: files with grey, many channels and many bits, and their samples.

    python image_samples.py FOLDER      # needs numpy, pillow, tifffile and imagecodecs

`cases.json` has for each file the channels that are asked for, and the file with what they are scaled to: float32
[channels, height, width], little-endian. Scaled is what tifffile or Pillow reads, with numpy, in single precision:
(sample - least) / (greatest - least) of the samples' type; fractions stay as they are.
"""

import json
import pathlib
import sys

import numpy
import tifffile
from PIL import Image

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
rng = numpy.random.default_rng(2)
width, height = 19, 11
cases = {}


def noise(kind, *shape):
    kind = numpy.dtype(kind)
    if kind.kind == "f":
        return rng.random(shape or (height, width)).astype(kind)
    ends = numpy.iinfo(kind)
    return rng.integers(ends.min, ends.max, shape or (height, width), kind, endpoint=True)


def scaled(samples, least=None, greatest=None):
    if samples.dtype.kind == "f":
        return samples.astype(numpy.float32)
    ends = numpy.iinfo(samples.dtype)
    least = numpy.float32(ends.min if least is None else least)
    greatest = numpy.float32(ends.max if greatest is None else greatest)
    return (samples.astype(numpy.float32) - least) / (greatest - least)


def keep(name, planes):
    """Records the planes [channels, height, width] of a file."""
    planes = numpy.ascontiguousarray(planes, "<f4")
    planes.tofile(folder / (name + ".samples"))
    cases[name] = list(planes.shape)


def tiff(name, samples, planes=None, meaning="minisblack", **options):
    """Writes a file and records its samples, [height, width, channels], unless planes are given."""
    path = folder / (name + ".tif")
    tifffile.imwrite(path, samples, photometric=meaning, metadata=None, **options)
    read = tifffile.imread(path)
    assert numpy.array_equal(read, samples)
    if planes is None:
        planes = scaled(read if read.ndim == 3 else read[..., None]).transpose(2, 0, 1)
    keep(path.name, planes)


size = (height, width)
tiff("grey8", noise("u1"))
tiff("grey16", noise("u2"))
tiff("grey16-big-endian", noise("u2"), byteorder=">")
tiff("grey32", noise("u4"))
tiff("signed16", noise("i2"))
tiff("half", noise("f2"))
tiff("float", noise("f4"))
tiff("double", noise("f8"))
tiff("float-predictor", noise("f4"), compression="deflate", predictor=True)
tiff("rgb16", noise("u2", *size, 3), meaning="rgb")
tiff("six16", noise("u2", *size, 6), extrasamples=["unspecified"] * 5, planarconfig="contig")
tiff("thirteen16-tiles", noise("u2", *size, 13), extrasamples=["unspecified"] * 12, planarconfig="contig",
     tile=(16, 16), compression="deflate")

planes = noise("u2", 5, *size)
tiff("five16-planar", planes, scaled(planes), extrasamples=["unspecified"] * 4, planarconfig="separate")
pages = noise("u2", 4, *size)
tiff("four16-pages", pages, scaled(pages))
pages = noise("f4", 3, *size)
tiff("three-pages", pages, scaled(pages))

samples = noise("u2")
tiff("white-is-zero16", samples, scaled(65535 - samples)[None], meaning="miniswhite")
samples = noise("u2", *size, 4)
tiff("rgba16", samples, scaled(samples[..., :3]).transpose(2, 0, 1), meaning="rgb", extrasamples=["unassalpha"])
samples = noise("u2", *size, 4)
colours, most = samples[..., :3].astype(numpy.float32), numpy.float32(65535)
alpha = samples[..., 3:].astype(numpy.float32)
planes = numpy.minimum(colours * most / numpy.maximum(alpha, 1), most) * (alpha > 0) / most
tiff("multiplied16", samples, planes.transpose(2, 0, 1), meaning="rgb", extrasamples=["assocalpha"])
samples = noise("u2", *size, 4)
tiff("nir16", samples, scaled(samples).transpose(2, 0, 1), meaning="rgb", extrasamples=["unspecified"])
samples = noise("u2") >> 4
tiff("twelve-bits", samples, scaled(samples, 0, 4095)[None], bitspersample=12)

samples = noise("u2")
Image.fromarray(samples).save(folder / "grey16.png")
keep("grey16.png", scaled(samples)[None])
samples = noise("u1")
Image.fromarray(samples).save(folder / "grey8.png")
keep("grey8.png", scaled(samples)[None])
samples = noise("u1", *size, 4)
Image.fromarray(samples).save(folder / "rgba8.png")
keep("rgba8.png", scaled(samples[..., :3]).transpose(2, 0, 1))
bits = rng.random(size) < 0.5
Image.fromarray(bits).save(folder / "bits.png")
keep("bits.png", bits[None].astype(numpy.float32))

samples = noise("u2") >> 4
(folder / "grey12.pgm").write_bytes(b"P5\n%d %d\n4095\n" % (width, height) + samples.astype(">u2").tobytes())
keep("grey12.pgm", scaled(samples, 0, 4095)[None])
samples = noise("u2", *size, 3)
(folder / "rgb16.ppm").write_bytes(b"P6\n%d %d\n65535\n" % (width, height) + samples.astype(">u2").tobytes())
keep("rgb16.ppm", scaled(samples).transpose(2, 0, 1))

# Pillow's resize in mode F, of the box from column 2 and row 1 on, 15 wide and 9 high.
source = Image.fromarray(noise("f4"))
keep("resize", numpy.asarray(source)[None])
resizes = {}
for name, filter in [("bilinear", Image.BILINEAR), ("bicubic", Image.BICUBIC)]:
    for to in [(7, 4), (31, 20), (15, 3), (4, 9)]:
        made = f"resize-{name}-{to[0]}x{to[1]}"
        keep(made, numpy.asarray(source.crop((2, 1, 17, 10)).resize(to, filter))[None])
        resizes[made] = [*to]
del cases["resize"]
for made in resizes:
    del cases[made]

(folder / "resizes.json").write_text(json.dumps(resizes, indent=1, sort_keys=True) + "\n")
(folder / "cases.json").write_text(json.dumps(cases, indent=1, sort_keys=True) + "\n")
