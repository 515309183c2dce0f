"""The comparison of scripts/check-embeddings: DINOD IMAGES SCRATCH."""

import pathlib
import subprocess
import sys

import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import (
    BitImageProcessor, Dinov2Config, Dinov2Model, Dinov2WithRegistersConfig,
    Dinov2WithRegistersModel)

COUNT = 20
# Relative errors that are allowed: with the images' own decoder and resize, and with the same pixels.
IMAGES, PIXELS = 2e-2, 1e-4


def random_model(registers):
    """A ViT-S/14 whose features are not nearly constant, as they are at PyTorch's initialisation."""
    torch.manual_seed(registers)
    sizes = dict(
        hidden_size=384, num_hidden_layers=12, num_attention_heads=6, image_size=518, patch_size=14)
    if registers:
        model = Dinov2WithRegistersModel(
            Dinov2WithRegistersConfig(num_register_tokens=registers, **sizes))
    else:
        model = Dinov2Model(Dinov2Config(**sizes))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "layer_scale" in name:
                parameter.fill_(0.3)
            elif "norm" not in name:
                parameter.add_(torch.randn_like(parameter) * 0.03)
    return model.eval()


def processor(height, width):
    """The customary view: the longer side is to the resized shortest one as 224 to 256."""
    return BitImageProcessor(
        size={"shortest_edge": max(height, width) * 256 // 224},
        crop_size={"height": height, "width": width},
        image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225])


def embed(dinod, weights, images, size, output):
    words = [dinod, "embed", weights, *images, "--tokens", "both", "--to", output]
    subprocess.run([*map(str, words), *(["--size", size] if size else [])], check=True,
                   stdout=subprocess.DEVNULL)
    return load_file(output)


def error(ours, theirs):
    """The largest relative distance of a row."""
    return ((ours - theirs).norm(dim=-1) / theirs.norm(dim=-1)).max().item()


def compare(dinod, files, scratch, registers, height, width):
    model = random_model(registers)
    weights = scratch / f"model-{registers}"
    model.save_pretrained(weights)
    pictures = [Image.open(file).convert("RGB") for file in files]
    pixels = processor(height, width)(pictures, return_tensors="pt")["pixel_values"]
    with torch.no_grad():
        theirs = torch.cat([model(part).last_hidden_state for part in pixels.split(5)])
    expected = {"cls": theirs[:, 0], "patches": theirs[:, 1 + registers:]}
    name = f"{registers}-{height}"
    save_file({"pixels": pixels.contiguous()}, scratch / f"pixels-{name}.safetensors")
    same = embed(
        dinod, weights, [scratch / f"pixels-{name}.safetensors"], None,
        scratch / f"same-{name}.safetensors")
    own = embed(
        dinod, weights, files, f"{height}x{width}", scratch / f"own-{name}.safetensors")
    passed = True
    for what, ours, allowed in (("images", own, IMAGES), ("same pixels", same, PIXELS)):
        for tokens in ("cls", "patches"):
            found = error(ours[tokens], expected[tokens])
            passed &= found <= allowed
            print(f"{'agrees ' if found <= allowed else 'DIFFERS'}  registers {registers}  "
                  f"{height} x {width}  {what}  {tokens}: {found:.2e} (allowed {allowed:.0e})")
    spread = (expected["cls"] - expected["cls"].mean(0)).norm(dim=-1).mean()
    print(f"         features of two images differ by {spread / expected['cls'].norm(dim=-1).mean():.2f}"
          " of their length")
    return passed


def main(dinod, images, scratch):
    endings = {".jpg", ".jpeg", ".png"}
    files = sorted(f for f in pathlib.Path(images).rglob("*") if f.suffix.lower() in endings)[:COUNT]
    if len(files) < COUNT:
        sys.exit(f"{images}: {len(files)} images, where {COUNT} are needed")
    results = [
        compare(dinod, files, pathlib.Path(scratch), registers, height, width)
        for registers in (0, 4) for height, width in ((224, 224), (518, 392))]
    sys.exit(0 if all(results) else 1)


main(*sys.argv[1:])
