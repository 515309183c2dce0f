"""Times the features of random pixels by Hugging Face's `Dinov2Model`, with `dinod bench embed`'s JSON fields.

    python huggingface_features.py --arch vit_small [--bf16]
"""
import argparse
import json
import resource
import time

import torch
from transformers import Dinov2Config, Dinov2Model

from pytorch_step import ARCH


def embed(a):
    """Features of random pixels by Hugging Face's model: CLS and patch tokens after the last norm."""
    torch.set_num_threads(a.threads); torch.manual_seed(0)
    dim, depth, heads = ARCH[a.arch]
    kind = torch.bfloat16 if a.bf16 else torch.float32
    model = Dinov2Model(Dinov2Config(hidden_size=dim, num_hidden_layers=depth, num_attention_heads=heads, patch_size=a.patch,
                                     image_size=a.size, attn_implementation="sdpa")).to(kind).eval()
    pixels = torch.randn(a.batch, 3, a.size, a.size).to(kind)
    times = []
    with torch.inference_mode():
        for _ in range(a.steps + 1):
            t = time.perf_counter()
            model(pixel_values=pixels)
            times.append(time.perf_counter() - t)
    median = sorted(times[1:])[a.steps // 2]
    print(json.dumps({"arch": a.arch, "precision": "bf16" if a.bf16 else "fp32", "size": a.size, "batch": a.batch, "threads": a.threads,
                      "step_s": round(median, 4), "images_per_s": round(a.batch / median, 4),
                      "peak_rss_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2 ** 20, 3)}))


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--arch", default="vit_small", choices=ARCH)
    p.add_argument("--bf16", action="store_true")
    for flag, default in [("batch", 16), ("steps", 8), ("threads", 2), ("patch", 14), ("size", 224)]:
        p.add_argument("--" + flag, type=int, default=default)
    embed(p.parse_args())
