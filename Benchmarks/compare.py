"""Pairs of timings, Dino's and PyTorch's, of the same training step or the same features. See `compare`."""
import argparse
import json
import statistics
import sys

import timing

# Name, and what both programs are told. The first three, and the features, are the sizes of the
# project's goals.
CASES = {
    "vit_small-b4": ["--batch", "4"],
    "vit_small-b16": ["--batch", "16"],
    "vit_small-b4-fp32": ["--batch", "4", "--fp32"],
    "vit_tiny-32px": ["--arch", "vit_tiny", "--patch", "4", "--global-size", "32", "--local-size", "16",
                      "--prototypes", "4096", "--hidden", "1024", "--batch", "64"],
    "vit_base-b2": ["--arch", "vit_base", "--batch", "2"],
    "vit_small-518px": ["--global-size", "518", "--batch", "1"],
    "embed-vit_small-b16": ["--size", "224", "--batch", "16"],
    "embed-vit_small-b16-fp32": ["--size", "224", "--batch", "16", "--fp32"],
}


def pair(name, options, steps):
    """One timing of each: (Dino's, PyTorch's)."""
    what = "embed" if name.startswith("embed") else "step"
    try:
        return timing.dino(options, steps, what), timing.pytorch(options, steps, what)
    except timing.Failed as problem:
        sys.exit(str(problem))


def main():
    parser = argparse.ArgumentParser(prog="Benchmarks/compare", description=__doc__)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--case", action="append", choices=CASES)
    parser.add_argument("--json", help="a file for all figures")
    given = parser.parse_args()
    table = []
    for name in given.case or CASES:
        pairs = []
        for number in range(given.pairs):
            ours, theirs = pair(name, CASES[name], given.steps)
            pairs.append({"dino": ours, "pytorch": theirs,
                          "speed": ours["images_per_s"] / theirs["images_per_s"],
                          "memory": ours["peak_rss_gib"] / theirs["peak_rss_gib"]})
            print(f"{name} {number + 1}/{given.pairs}: {ours['images_per_s']:.3g} against "
                  f"{theirs['images_per_s']:.3g} images/s, {pairs[-1]['speed']:.2f} times; "
                  f"{ours['peak_rss_gib']:.2f} against {theirs['peak_rss_gib']:.2f} GiB", flush=True)
        middle = {key: statistics.median(one[key] for one in pairs) for key in ("speed", "memory")}
        table.append({"case": name, "pairs": pairs, **middle})
    print(f"\n{'case':<26}{'images/s':>10}{'PyTorch':>10}{'times':>8}{'GiB':>8}{'PyTorch':>10}{'share':>8}")
    for row in table:
        def median(who, key):
            return statistics.median(one[who][key] for one in row["pairs"])
        print(f"{row['case']:<26}{median('dino', 'images_per_s'):>10.3g}"
              f"{median('pytorch', 'images_per_s'):>10.3g}{row['speed']:>8.2f}"
              f"{median('dino', 'peak_rss_gib'):>8.2f}{median('pytorch', 'peak_rss_gib'):>10.2f}"
              f"{row['memory']:>8.2f}")
    if given.json:
        with open(given.json, "w") as file:
            json.dump(table, file, indent=1)


if __name__ == "__main__":
    main()
