#!/usr/bin/env python3
"""Asks what a short phase at a high resolution is worth, beside the low resolution alone and the high one
all the way; trains them all, prints a table and draws a picture.

    Benchmarks/phases.py [--runs FOLDER] [--seeds N] [--svg FILE]

Trains the recipe sessions/high-resolution.yaml in four ways, of which three take the same time at rest.
Everyone is judged by k-NN on views of the high size; a run at the low one looks at them in a last step
that learns nothing. Runs that are in FOLDER already and finished are not trained again. The time of a step
is measured by short runs first, one after the other: let other programs rest for that. Needs `make build`.
"""

import argparse
import os
import sqlite3
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RECIPE = "sessions/high-resolution.yaml"
EPOCH = 150
LOW, HIGH = (24, 12), (64, 24)
"""Sides of global and local crops."""


def crops(size):
    return f"crops: {{global_crops_size: {size[0]}, local_crops_size: {size[1]}}}"


def phase(name, size, steps=None, factor=1.0, compress="lr, weight_decay, momentum_teacher"):
    parts = [f"name: {name}"]
    if steps:
        parts.append(f"steps: {steps}")
    if factor != 1:
        parts.append(f"base_lr_factor: {factor:.1e}")
    if steps:
        parts.append(f"compress: [{compress}]")
    return "{" + ", ".join(parts + [crops(size)]) + "}"


LOOK = phase("look", HIGH, 1, 1e-6, "lr")
"""A step that learns nothing, so that what was trained low is judged at the high size."""

WAYS = {
    # name: title, steps low, steps high, phases
    "low": ("low alone", 1550, 0, [phase("low", LOW), LOOK]),
    "lowhigh": ("low, then a short high phase", 1150, 65,
                [phase("low", LOW), phase("high", HIGH, 65, 0.5)]),
    "highsame": ("high alone, as long", 0, 252, [phase("high", HIGH)]),
    "high": ("high alone, longer", 0, 900, [phase("high", HIGH)]),
}


def train(name, runs, *settings):
    words = [ROOT / ".build/release/dinod", "train", ROOT / RECIPE, "--name", name, "--dir", runs]
    for setting in settings:
        words += ["--set", setting]
    ending = subprocess.run(words, capture_output=True, text=True)
    if ending.returncode:
        sys.exit(f"phases: {name}: {ending.stderr.strip()}")


def database(runs, name):
    return sqlite3.connect(f"file:{runs}/{name}/history.sqlite?mode=ro", uri=True)


def step_seconds(runs, size):
    """Of a step at a size, the median of the last 60 of 100."""
    name = f"time-{size[0]}"
    if not (runs / name).exists():
        train(name, runs, f"phases=[{phase('time', size)}]", f"optim.epochs={100 / EPOCH}",
              "optim.warmup_epochs=0.1", "probe.every=0")
    rows = database(runs, name).execute("SELECT time_step FROM samples WHERE step > 40")
    return statistics.median(row[0] for row in rows)


def accuracy(runs, way, seed):
    """k-NN at the end of a way, trained if it was not yet."""
    name = f"{way}-{seed}"
    _, low, high, phases = WAYS[way]
    steps = low or high

    def found():
        if not (runs / name / "history.sqlite").exists():
            return None
        rows = database(runs, name).execute(
            'SELECT step, json_extract("values", "$.knn_learned") FROM evaluations ORDER BY step')
        last = rows.fetchall()[-1:]
        total = low + high + (way == "low")
        return last[0][1] if last and last[0][0] == total else None

    if found() is None:
        print(f"training {name}", file=sys.stderr)
        train(name, runs, f"train.seed={seed}", f"optim.epochs={steps / EPOCH}",
              f"phases=[{', '.join(phases)}]", "probe.every=100000", "probe.train_images=5000",
              "probe.test_images=4000", "session.checkpoint_keep=1")
    return found()


def mean(values):
    return sum(values) / len(values)


def draw(points, path):
    """Accuracy over time: a dot for each seed, a ring for their mean."""
    width, height, left, bottom, top = 640, 320, 56, 44, 20
    slowest = max(seconds for _, seconds, _ in points) * 1.12
    lowest = min(min(values) for _, _, values in points)
    floor = int(lowest * 20) / 20

    def x(seconds):
        return left + seconds / slowest * (width - left - 20)

    def y(value):
        return height - bottom - (value - floor) / (1 - floor) * (height - bottom - top)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
           'font-family="sans-serif" font-size="12">',
           f'<rect width="{width}" height="{height}" fill="#fff"/>']
    mark = floor
    while mark <= 1.0001:
        out.append(f'<line x1="{left}" x2="{width - 20}" y1="{y(mark):.1f}" y2="{y(mark):.1f}" '
                   'stroke="#e4e4e4"/>'
                   f'<text x="{left - 8}" y="{y(mark) + 4:.1f}" text-anchor="end" fill="#555">'
                   f'{100 * mark:.0f} %</text>')
        mark += 0.05
    for seconds in range(0, int(slowest) + 1, 60):
        out.append(f'<text x="{x(seconds):.1f}" y="{height - bottom + 18}" text-anchor="middle" '
                   f'fill="#555">{seconds // 60} min</text>')
    out.append(f'<text x="{(width + left) / 2}" y="{height - 8}" text-anchor="middle" fill="#555">'
               'training time at rest</text>')
    for (title, seconds, values), colour in zip(points, ["#888", "#0a7", "#c80", "#36c"]):
        for value in values:
            out.append(f'<circle cx="{x(seconds):.1f}" cy="{y(value):.1f}" r="3" fill="{colour}" '
                       'fill-opacity="0.5"/>')
        centre = y(mean(values))
        out.append(f'<circle cx="{x(seconds):.1f}" cy="{centre:.1f}" r="6" fill="none" '
                   f'stroke="{colour}" stroke-width="2"/>')
        end = seconds > slowest / 2
        below = "low alone" in title
        out.append(f'<text x="{x(seconds) + (-10 if end else 12):.1f}" '
                   f'y="{centre + (16 if below else 4):.1f}" fill="{colour}"'
                   f'{" text-anchor=" + chr(34) + "end" + chr(34) if end else ""}>{title}</text>')
    out.append("</svg>\n")
    Path(path).write_text("\n".join(out))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--runs", type=Path, default=Path("/tmp/dino-phases"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--svg")
    options = parser.parse_args()
    options.runs.mkdir(parents=True, exist_ok=True)
    seconds = {size: step_seconds(options.runs, size) for size in (LOW, HIGH)}
    points = []
    print(f"| {LOW[0]} and {HIGH[0]} pixels | steps low + high | time at rest | k-NN at {HIGH[0]} pixels "
          "| by seed |\n|---|---|---|---|---|")
    for way, (title, low, high, _) in WAYS.items():
        # The long way is there for comparison: one seed says where it ends.
        values = [accuracy(options.runs, way, seed)
                  for seed in range(1 if way == "high" else options.seeds)]
        time = low * seconds[LOW] + high * seconds[HIGH]
        points.append((title, time, values))
        print(f"| {title} | {low} + {high} | {time:.0f} s | {100 * mean(values):.1f} % | "
              f"{', '.join(f'{100 * value:.1f}' for value in values)} |", flush=True)
    if options.svg:
        draw(points, options.svg)


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    main()
