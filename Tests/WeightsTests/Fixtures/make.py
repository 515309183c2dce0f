"""Makes teacher.pth: a training checkpoint as the official code has it, of a backbone 8 wide, with all
that torch.save may do to a tensor: half precision, bfloat16, doubles, a Parameter, one storage shared,
and strides that are not those of the shape. Values are eighths that each of the types holds exactly.

    python make.py        # needs torch
"""

from collections import OrderedDict

import torch


def values(shape, start):
    count = torch.Size(shape).numel()
    numbers = (torch.arange(count) * 37 + start) % 251 - 125
    return (numbers / 8).reshape(shape)


shapes = OrderedDict(
    cls_token=(1, 1, 8), pos_embed=(1, 5, 8), mask_token=(1, 8),
    **{"patch_embed.proj.weight": (8, 3, 2, 2), "patch_embed.proj.bias": (8,)})
for block in ["blocks.0.0.", "blocks.0.1."]:
    for name, shape in {
        "norm1.weight": (8,), "norm1.bias": (8,), "attn.qkv.weight": (24, 8),
        "attn.qkv.bias": (24,), "attn.proj.weight": (8, 8), "attn.proj.bias": (8,),
        "ls1.gamma": (8,), "norm2.weight": (8,), "norm2.bias": (8,), "mlp.fc1.weight": (32, 8),
        "mlp.fc1.bias": (32,), "mlp.fc2.weight": (8, 32), "mlp.fc2.bias": (8,),
        "ls2.gamma": (8,),
    }.items():
        shapes[block + name] = shape
shapes["norm.weight"] = shapes["norm.bias"] = (8,)
tensors = OrderedDict(
    ("backbone." + name, values(shape, place)) for place, (name, shape) in enumerate(shapes.items()))

tensors["backbone.cls_token"] = tensors["backbone.cls_token"].half()
tensors["backbone.pos_embed"] = tensors["backbone.pos_embed"].bfloat16()
tensors["backbone.mask_token"] = tensors["backbone.mask_token"].double()
tensors["backbone.norm.weight"] = torch.nn.Parameter(tensors["backbone.norm.weight"])
patches = tensors["backbone.patch_embed.proj.weight"]
tensors["backbone.patch_embed.proj.weight"] = patches.contiguous(memory_format=torch.channels_last)
both = torch.cat([tensors[f"backbone.blocks.0.{n}.ls1.gamma"] for n in (0, 1)])
for n in (0, 1):
    tensors[f"backbone.blocks.0.{n}.ls1.gamma"] = both[8 * n:8 * n + 8]
tensors["dino_head.last_layer.weight_g"] = torch.ones(4, 1)

torch.save({"teacher": tensors, "iteration": 3, "rate": 0.5, "flags": [True, None, (1, 2)],
            "steps": torch.tensor(3)}, "teacher.pth")
