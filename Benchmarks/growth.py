"""How the step's time and peak memory grow, Dino's and PyTorch's. See `growth`."""
import argparse
import json
import sys

import growth_plot
import timing

PROGRAMS = {"dino": timing.dino, "pytorch": timing.pytorch}

# What grows, its points, and what both programs are told at a point; the rest is ViT-S/14 with 224-pixel
# global and 8 local crops of 98, two heads of 65,536 prototypes, stochastic depth 0.3, in bf16.
PANELS = {
    "size": {
        "title": "side of the global crops, pixels (ViT-S/14, batch 1)",
        "points": [98, 140, 224, 336, 518],
        "options": lambda side: ["--batch", "1", "--global-size", str(side)],
    },
    "batch": {
        "title": "images in a step (ViT-S/14, 224 pixels)",
        "points": [1, 2, 4, 8, 16],
        "options": lambda batch: ["--batch", str(batch)],
    },
    "width": {
        "title": "width of the model (ViT-Ti, S and B/14, batch 2)",
        "points": [192, 384, 768],
        "options": lambda width: ["--batch", "2", "--arch",
                                  {192: "vit_tiny", 384: "vit_small", 768: "vit_base"}[width]],
    },
}
FIGURES = ("step_s", "peak_rss_gib")


def measure(panel, at, steps):
    """A point of a panel: for each program its figures, or why there are none."""
    found = {"at": at}
    for name, program in PROGRAMS.items():
        try:
            figures = program(PANELS[panel]["options"](at), steps)
            found[name] = {key: figures[key] for key in FIGURES}
        except timing.Failed as problem:
            found[name] = {"failed": str(problem)}
    return found


def told(figures):
    return figures.get("failed") or f"{figures['step_s']:.3g} s, {figures['peak_rss_gib']:.3g} GiB"


def ratio(point, key):
    """How much larger PyTorch's figure is; a dash where either has none."""
    values = [point[name].get(key) for name in ("pytorch", "dino")]
    return f"{values[0] / values[1]:.2f}" if all(values) else "–"


def table(panel, points):
    rows = [f"| {PANELS[panel]['title']} | s a step | PyTorch | times | peak memory | PyTorch | times |",
            "|" + "---|" * 7]
    for point in points:
        def cell(name, key, unit=""):
            value = point[name].get(key)
            if value:
                return f"{value:.3g}{unit}"
            return timing.OUT_OF_MEMORY if point[name]["failed"] == timing.OUT_OF_MEMORY else "failed"
        rows.append(f"| {point['at']} | {cell('dino', 'step_s')} | {cell('pytorch', 'step_s')} | "
                    f"{ratio(point, 'step_s')} | {cell('dino', 'peak_rss_gib', ' GiB')} | "
                    f"{cell('pytorch', 'peak_rss_gib', ' GiB')} | {ratio(point, 'peak_rss_gib')} |")
    return "\n".join(rows)


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def arguments():
    parser = argparse.ArgumentParser(prog="Benchmarks/growth", description=__doc__)
    parser.add_argument("--steps", type=int, default=4, help="steps after the first, of which the median counts")
    parser.add_argument("--panel", action="append", choices=PANELS, help="what grows; by default each in turn")
    parser.add_argument("--points", type=int, help="only the first points of each panel")
    parser.add_argument("--json", default="growth.json", help="a file for all figures")
    parser.add_argument("--svg", default="growth.svg", help="a file for the picture")
    parser.add_argument("--redraw", metavar="FILE", help="draws the figures of a file; measures nothing")
    given = parser.parse_args()
    for name in ("steps", "points"):
        value = getattr(given, name)
        if value is not None and value < 1:
            parser.error(f"--{name} {value}: expected a number of at least 1")
    return given


def main():
    given = arguments()
    found = {}
    if given.redraw:
        try:
            with open(given.redraw) as file:
                found = json.load(file)
        except (OSError, ValueError) as problem:
            sys.exit(f"--redraw {given.redraw}: {problem}")
    else:
        for panel in given.panel or PANELS:
            found[panel] = []
            for at in PANELS[panel]["points"][:given.points]:
                point = measure(panel, at, given.steps)
                found[panel].append(point)
                print(f"{panel} {at}: Dino {told(point['dino'])}; PyTorch {told(point['pytorch'])}",
                      file=sys.stderr, flush=True)
                # After each point: a measurement of hours that is interrupted leaves what it has.
                write(given.json, json.dumps(found, indent=1) + "\n")
    titles = {panel: PANELS[panel]["title"] for panel in found}
    write(given.svg, growth_plot.svg(found, titles))
    print("\n\n".join(table(panel, points) for panel, points in found.items()))
    problems = {point[name].get("failed") for points in found.values() for point in points for name in PROGRAMS}
    problems -= {None, timing.OUT_OF_MEMORY}
    if problems:
        sys.exit("\n".join(sorted(problems)))


if __name__ == "__main__":
    main()
