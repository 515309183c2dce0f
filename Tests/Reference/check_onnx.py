"""Compares exported ONNX files, computed by onnxruntime, with Dino's own features of the same weights and pixels.

    python Tests/Reference/check_onnx.py [--program .build/release/dinod]

Needs numpy, onnx, onnxruntime and safetensors. Weights are random: with and without registers, MLP and SwiGLU, three and
six channels, sizes whose grid of patches is the trained one or another. Fails if a feature differs by more than 1e-5 of
the largest, or if onnx.checker's full check does.
"""
import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from safetensors.numpy import load_file, save_file


def weights(random, width, depth, patch, grid, gated, registers, channels):
    """Random weights of a backbone under the official names."""
    def normal(*shape, scale=0.02):
        return (scale * random.standard_normal(shape)).astype(np.float32)

    hidden = (int(width * 4 * 2 / 3) + 7) // 8 * 8 if gated else 4 * width
    found = {"cls_token": normal(1, 1, width), "pos_embed": normal(1, 1 + grid * grid, width, scale=0.5),
             "mask_token": normal(1, width), "patch_embed.proj.weight": normal(width, channels, patch, patch, scale=0.1),
             "patch_embed.proj.bias": normal(width), "norm.weight": 1 + normal(width), "norm.bias": normal(width)}
    if registers:
        found["register_tokens"] = normal(1, registers, width, scale=0.5)
    layers = {"attn.qkv": (3 * width, width), "attn.proj": (width, width)}
    layers |= ({"mlp.w12": (2 * hidden, width), "mlp.w3": (width, hidden)} if gated
               else {"mlp.fc1": (hidden, width), "mlp.fc2": (width, hidden)})
    for block in range(depth):
        name = f"blocks.{block}."
        for layer, (outputs, inputs) in layers.items():
            found[f"{name}{layer}.weight"] = normal(outputs, inputs, scale=1.5 / inputs ** 0.5)
            found[f"{name}{layer}.bias"] = normal(outputs, scale=0.1)
        for norm in ("norm1", "norm2"):
            found[f"{name}{norm}.weight"], found[f"{name}{norm}.bias"] = 1 + normal(width), normal(width)
        for scale in ("ls1.gamma", "ls2.gamma"):
            found[name + scale] = 0.5 + normal(width)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=".build/release/dinod")
    given = parser.parse_args()
    random = np.random.default_rng(0)
    worst = 0.0
    for gated in (False, True):
        for registers in (0, 4):
            for channels, size in ((3, 56), (3, 84), (6, 56)):
                width, depth, patch, grid, heads = 96, 3, 14, 4, 6
                with tempfile.TemporaryDirectory() as folder:
                    folder = Path(folder)
                    save_file(weights(random, width, depth, patch, grid, gated, registers, channels),
                              folder / "weights.safetensors", metadata={"num_heads": str(heads)})
                    subprocess.run([given.program, "export", folder / "weights.safetensors", "--format", "onnx",
                                    "--size", str(size), "--to", folder / "onnx"], check=True, stdout=subprocess.DEVNULL)
                    path = str(folder / "onnx/model.onnx")
                    onnx.checker.check_model(path, full_check=True)
                    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
                    for images in (1, 3):
                        pixels = random.standard_normal((images, channels, size, size), dtype=np.float32)
                        save_file({"pixels": pixels}, folder / "pixels.safetensors")
                        out = folder / f"features-{images}.safetensors"
                        subprocess.run([given.program, "embed", folder / "weights.safetensors",
                                        folder / "pixels.safetensors", "--to", out, "--tokens", "both"],
                                       check=True, stdout=subprocess.DEVNULL)
                        ours = load_file(out)
                        cls, patches = session.run(None, {"pixel_values": pixels})
                        for name, found in (("cls", cls), ("patches", patches)):
                            own = ours[name].reshape(found.shape)
                            error = float(np.abs(own - found).max() / np.abs(own).max())
                            worst = max(worst, error)
                            if not error < 1e-5:
                                sys.exit(f"{name} of {images} images differ by {error:.1e}: SwiGLU {gated}, "
                                         f"{registers} registers, {channels} channels, {size} pixels")
    print(f"24 cases agree, the worst to {worst:.1e}; onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}")


if __name__ == "__main__":
    main()
