"""The matrix products of a ViT-S/14 step of batch 4, by Dino and by PyTorch: that is oneDNN, or the BLAS
that PyTorch was built with.

    Benchmarks/with-torch Benchmarks/products.py [--python PYTHON] [--precision fp32|bf16] [--pairs N]

Both on two threads and in turn; each figure is the best of half a second, the ratio the median over the
pairs. PyTorch's factors are in its precision already, Dino's weights are rounded as they are packed.
"""
import argparse
import re
import statistics
import subprocess
import time

import torch

ROWS = 3656  # tokens of 8 global crops of 224 pixels and 32 local ones of 98
LAYERS = [(384, 1152), (384, 384), (384, 1536), (1536, 384)]


def best(body, seconds=0.5):
    body()
    end = time.monotonic() + seconds
    least = float("inf")
    while time.monotonic() < end:
        start = time.monotonic()
        body()
        least = min(least, time.monotonic() - start)
    return least


def pytorch(kind):
    """Name to GFLOP/s."""
    rates = {}
    for inputs, outputs in LAYERS:
        x = torch.randn(ROWS, inputs).to(kind)
        weight, bias = torch.randn(outputs, inputs).to(kind), torch.randn(outputs).to(kind)
        dy = torch.randn(ROWS, outputs).to(kind)
        flops = 2 * ROWS * inputs * outputs / 1e9
        name = f"linear {inputs} to {outputs}"
        rates[name] = flops / best(lambda: torch.nn.functional.linear(x, weight, bias))
        rates[name + ", backward"] = 2 * flops / best(lambda: (dy @ weight, dy.T @ x, dy.sum(0)))
    return rates


def dino(precision):
    told = subprocess.run([".build/release/dinod", "bench", "kernels", "--precision", precision, "--threads", "2",
                           "--only", "linear"], capture_output=True, text=True, check=True).stdout
    lines = re.findall(r"^(linear \d+ to \d+(?:, backward)?)\s+[\d.]+ ms\s+(\d+) GFLOP/s", told, re.M)
    return {name: float(rate) for name, rate in lines}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="bf16")
    parser.add_argument("--pairs", type=int, default=3)
    given = parser.parse_args()
    torch.set_num_threads(2)
    kind = {"fp32": torch.float32, "bf16": torch.bfloat16}[given.precision]
    with torch.inference_mode():
        pairs = [(dino(given.precision), pytorch(kind)) for _ in range(given.pairs)]
    print(f"{'GFLOP/s, ' + given.precision:<32}{'Dino':>8}{'PyTorch':>10}{'times':>8}")
    for name in pairs[0][1]:
        ours, theirs = ([one[who][name] for one in pairs] for who in (0, 1))
        ratio = statistics.median(a / b for a, b in zip(ours, theirs))
        print(f"{name:<32}{statistics.median(ours):>8.0f}{statistics.median(theirs):>10.0f}{ratio:>8.2f}")


if __name__ == "__main__":
    main()
