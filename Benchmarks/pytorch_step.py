"""Times the pre-training step of Tests/Reference in PyTorch, with the JSON fields of `dinod bench step`.

    python pytorch_step.py --arch vit_small [--bf16]        # needs torch
"""
import argparse, json, resource, sys, time
from pathlib import Path

import torch

sys.path.append(str(Path(__file__).resolve().parent.parent / "Tests/Reference"))
from dinov2_reference import build, parameter_groups, random_batch, random_keep, train_step

ARCH = {  # embed_dim, depth, num_heads
    "vit_tiny": (192, 12, 3), "vit_small": (384, 12, 6), "vit_base": (768, 12, 12),
    "vit_large": (1024, 24, 16), "vit_giant2": (1536, 40, 24),
}


def bench(a):
    torch.set_num_threads(a.threads); torch.manual_seed(0)
    dim, depth, heads = ARCH[a.arch]
    c = dict(embed_dim=dim, depth=depth, num_heads=heads, patch_size=a.patch, img_size=a.global_size, layerscale=1e-5,
             batch=a.batch, global_size=a.global_size, local_size=a.local_size, local_crops=8, drop_path=a.drop_path,
             dino_head=dict(prototypes=a.prototypes, hidden_dim=a.hidden, bottleneck_dim=256), dino_weight=1.0,
             koleo_weight=0.1, ibot_weight=1.0, layerwise_decay=0.9, patch_embed_lr_mult=0.2, clip_grad=3.0)
    student, teacher = build(c), build(c)
    teacher.load_state_dict(student.state_dict())
    optimiser = torch.optim.AdamW(parameter_groups(student, c), betas=(0.9, 0.999))
    g, s = torch.Generator().manual_seed(0), dict(lr=1e-4, last_layer_lr=0.0, weight_decay=0.04, momentum=0.992, teacher_temp=0.05)
    if a.compile:
        for m in (student, teacher):
            for part in m.values():
                part.compile()
    times = []
    for _ in range(a.steps + 1):
        batch, keep = random_batch(c, g), random_keep(c, g)
        t = time.perf_counter()
        train_step(student, teacher, optimiser, batch, c, s, keep, a.bf16)
        times.append(time.perf_counter() - t)
    median = sorted(times[1:])[a.steps // 2]
    print(json.dumps({"arch": a.arch, "precision": "bf16" if a.bf16 else "fp32", "compiled": a.compile, "batch": a.batch, "threads": a.threads,
                      "step_s": round(median, 4), "images_per_s": round(a.batch / median, 4),
                      "peak_rss_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2 ** 20, 3)}))


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--arch", default="vit_small", choices=ARCH); p.add_argument("--bf16", action="store_true")
    p.add_argument("--compile", action="store_true", help="through torch.compile (needs a C++ compiler)")
    for flag, kind, default in [("batch", int, 4), ("steps", int, 4), ("threads", int, 2), ("patch", int, 14),
                                ("global-size", int, 224), ("local-size", int, 98), ("prototypes", int, 65536),
                                ("hidden", int, 2048), ("drop-path", float, 0.3)]:
        p.add_argument("--" + flag, type=kind, default=default)
    bench(p.parse_args())
