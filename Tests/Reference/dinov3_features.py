"""Makes Tests/ProgramTests/Fixtures/dinov3: two small backbones of DINOv3 with random weights, one with an MLP and
one with SwiGLU, in Hugging Face's layout and under the names of Meta's code, pixels of a square and of another grid,
and the features that transformers computes of them.

    python dinov3_features.py FOLDER        # needs torch, transformers and safetensors
"""

import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import DINOv3ViTConfig, DINOv3ViTModel

folder = pathlib.Path(sys.argv[1])
width, heads, patch = 24, 2, 4


def meta_names(tensors, depth, gated):
    """The same tensors under the names of Meta's code, where the bias of the keys is masked."""
    layer = lambda n, name: tensors[f"layer.{n}.{name}"]
    found = {"cls_token": tensors["embeddings.cls_token"], "mask_token": tensors["embeddings.mask_token"][0],
             "storage_tokens": tensors["embeddings.register_tokens"], "norm.weight": tensors["norm.weight"],
             "norm.bias": tensors["norm.bias"],
             "rope_embed.periods": 100 ** (torch.arange(width // heads // 4) * 4 / (width // heads))}
    for kind in ("weight", "bias"):
        found[f"patch_embed.proj.{kind}"] = tensors[f"embeddings.patch_embeddings.{kind}"]
    for n in range(depth):
        block = f"blocks.{n}."
        found[block + "attn.qkv.weight"] = torch.cat([layer(n, f"attention.{p}_proj.weight") for p in "qkv"])
        found[block + "attn.qkv.bias"] = torch.cat(
            [layer(n, "attention.q_proj.bias"), torch.full((width,), 7.0), layer(n, "attention.v_proj.bias")])
        found[block + "attn.qkv.bias_mask"] = torch.cat([torch.ones(width), torch.zeros(width), torch.ones(width)])
        names = {"norm1": "norm1", "norm2": "norm2", "attn.proj": "attention.o_proj"}
        names |= ({"mlp.w1": "mlp.gate_proj", "mlp.w2": "mlp.up_proj", "mlp.w3": "mlp.down_proj"} if gated
                  else {"mlp.fc1": "mlp.up_proj", "mlp.fc2": "mlp.down_proj"})
        for ours, theirs in names.items():
            for kind in ("weight", "bias"):
                found[f"{block}{ours}.{kind}"] = layer(n, f"{theirs}.{kind}")
        for scale in "12":
            found[f"{block}ls{scale}.gamma"] = layer(n, f"layer_scale{scale}.lambda1")
    return {name: tensor.clone() for name, tensor in found.items()}


features = {}
torch.manual_seed(3)
pixels = {"square": torch.randn(3, 3, 16, 16), "wide": torch.randn(2, 3, 12, 28)}
for kind, depth, registers in (("mlp", 3, 4), ("gated", 2, 1)):
    gated = kind == "gated"
    model = DINOv3ViTModel(DINOv3ViTConfig(
        hidden_size=width, intermediate_size=40, num_hidden_layers=depth, num_attention_heads=heads, image_size=16,
        patch_size=patch, num_register_tokens=registers, use_gated_mlp=gated,
        hidden_act="silu" if gated else "gelu")).eval()  # in training it moves the places of patches
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            # In general position, and so large that attention looks at places.
            if name.endswith("mask_token"):
                continue
            torch.nn.init.normal_(parameter, std=0.4, mean=1.0 if "norm" in name and "weight" in name else 0.0)
        for shape, images in pixels.items():
            found = model(images).last_hidden_state
            features[f"{kind}.{shape}.cls"] = found[:, 0].contiguous()
            features[f"{kind}.{shape}.patches"] = found[:, 1 + registers:].contiguous()
    model.save_pretrained(folder / kind)
    tensors = {name.removeprefix("model."): tensor for name, tensor in model.state_dict().items()}
    torch.save(meta_names(tensors, depth, gated), folder / f"{kind}.pth")
for shape, images in pixels.items():
    save_file({"pixel_values": images}, folder / f"{shape}.safetensors")
save_file(features, folder / "features.safetensors")
