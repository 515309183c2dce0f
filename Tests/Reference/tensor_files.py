"""Makes the files of Tests/TensorFilesTests/Fixtures: what torch.save writes of tensors with any strides and of
objects beside them, in the present format and in that before PyTorch 1.6, and the values that torch.load reads.

    python tensor_files.py FOLDER        # needs torch, numpy and safetensors
"""

import argparse
import collections
import datetime
import pathlib
import pickle
import sys

import numpy
import torch
from safetensors.torch import save_file

folder = pathlib.Path(sys.argv[1])


def numbers(*shape):
    count = torch.Size(shape).numel()
    return ((torch.arange(count) * 37) % 251 - 125).reshape(shape) / 8


base = numbers(6, 8)
tensors = {
    "plain": numbers(2, 3),
    "scalar": torch.tensor(0.25),
    "empty": torch.zeros(0, 3),
    "transposed": numbers(3, 4).t(),
    "permuted": numbers(2, 3, 4).permute(2, 0, 1),
    "channels_last": numbers(2, 3, 4, 5).contiguous(memory_format=torch.channels_last),
    "expanded": numbers(3, 1).expand(2, 3, 4),
    "one_for_all": torch.tensor([0.5]).expand(5, 7),
    "column": base[:, 3],
    "inner": base[1:4, 2:7:2],
    "windows": numbers(12).as_strided((4, 3), (2, 1), 1),
    "half": numbers(3, 2).half().t(),
    "bfloat16": numbers(3, 2).bfloat16(),
    "double": numbers(3, 2).double()[1:],
    "parameter": torch.nn.Parameter(numbers(4)),
    "negated": torch.complex(numbers(4), numbers(4) + 1).conj().imag,
}
tensors["tied"] = tensors["plain"]

torch.save(tensors, folder / "strides.pth")
torch.save(tensors, folder / "strides-legacy.pth", _use_new_zipfile_serialization=False)
save_file({name: value.detach().float().clone(memory_format=torch.contiguous_format)
           for name, value in tensors.items()}, folder / "strides.safetensors")


class ViewPickler(pickle.Pickler):
    """Writes storages as PyTorch 0.4 wrote those that are parts of others."""

    def persistent_id(self, value):
        return value.identity if isinstance(value, View) else None


class View:
    def __init__(self, first, count):
        self.identity = ("storage", torch.FloatStorage, "7", "cpu", 10, ("8", first, count))


class Rebuilt:
    def __init__(self, *arguments):
        self.arguments = arguments

    def __reduce__(self):
        return torch._utils._rebuild_tensor, self.arguments


with open(folder / "views-legacy.pth", "wb") as file:
    for value in [0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True}]:
        pickle.dump(value, file, protocol=2)
    ViewPickler(file, protocol=2).dump({"part": Rebuilt(View(4, 6), 1, (2, 2), (2, 1))})
    pickle.dump(["7"], file, protocol=2)
    file.write((10).to_bytes(8, "little") + numpy.arange(10, dtype="<f4").tobytes())
assert torch.load(folder / "views-legacy.pth", weights_only=True)["part"].tolist() == [[5, 6], [7, 8]]

objects = {
    "weight": numbers(2, 3), "dtype": torch.float32, "device": torch.device("cpu"), "size": torch.Size([2, 3]),
    "layout": torch.strided, "set": {1, 2}, "complex": 1 + 2j, "bytes": b"ab\xff", "bytearray": bytearray(b"cd"),
    "large": 1 << 80, "counter": collections.Counter("aab"), "nested": {"weight": numbers(4)},
    "ordered": collections.OrderedDict(weight=numbers(3)), "uint16": torch.tensor([1, 2], dtype=torch.uint16),
    "complex_tensor": torch.zeros(2, dtype=torch.complex64), "float8": torch.zeros(2).to(torch.float8_e4m3fn),
    "sparse": torch.eye(3).to_sparse(), "meta": torch.zeros(3, device="meta"),
    "quantised": torch.quantize_per_tensor(numbers(3), 0.1, 0, torch.qint8),
}
parameter = torch.nn.Parameter(numbers(4))
parameter.mark = "state"
objects["parameter"] = parameter
torch.save(objects, folder / "objects.pth")
torch.load(folder / "objects.pth", weights_only=True)

# torch.load(weights_only=True) refuses these, but they hold data alone.
torch.save({
    "weight": numbers(2, 3), "args": argparse.Namespace(lr=0.1, out=pathlib.PurePosixPath("/a"), none=None),
    "when": datetime.datetime(2024, 1, 2), "scalar": numpy.float64(0.5), "array": numpy.arange(3.0),
    "frozen": frozenset([1]), "default": collections.defaultdict(list, a=[1]),
    "deque": collections.deque([1, 2]), "slice": slice(1, 2),
}, folder / "settings.pth")
for protocol in (3, 4, 5):
    torch.save({"weight": numbers(2, 3), "args": argparse.Namespace(lr=0.1), "bytes": b"ab", "set": {1}},
               folder / f"protocol{protocol}.pth", pickle_protocol=protocol)


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 2)

    def forward(self, x):
        return self.layer(x)


torch.save(Model(), folder / "module.pth")
torch.jit.script(Model()).save(folder / "script.pth")
numpy.savez_compressed(folder / "arrays.npz", a=numpy.zeros(2))
