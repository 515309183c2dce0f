"""Draws a step that `dinod train --trace FILE` has recorded, as a picture in SVG: what each process computed, and what it
sent meanwhile.

    python Benchmarks/timeline.py TRACE.json "The title" > timeline.svg
"""
import json
import sys
from html import escape

COLOURS = {"teacher": "#5b8db8", "student": "#4f9d69", "backward": "#c98a3b", "optimiser": "#8a6fae", "waiting": "#c94f4f",
           "gather": "#7fb0d6", "reduce": "#e0b06a", "gather sums of": "#b9a0d6", "sums": "#7a7a7a"}
LEFT, WIDTH, HEIGHT, GAP = 150, 980, 26, 6


def short(name):
    for long, brief in (("backbone.blocks.", ""), ("backbone.embedding", "emb"), ("dino_head", "dino"), ("ibot_head", "ibot"),
                        ("AdamW and average", "AdamW"), ("gather sums of ", ""), ("gather ", ""), ("reduce ", "")):
        name = name.replace(long, brief)
    return name


def merged(spans):
    """Sends in many pieces become one."""
    found = []
    for span in sorted(spans, key=lambda one: one["ts"]):
        last = found[-1] if found else None
        if last and last["name"] == span["name"] and last["cat"] == span["cat"] and span["ts"] - last["end"] < 3e3:
            last["end"] = max(last["end"], span["ts"] + span["dur"])
            last["bytes"] += span.get("args", {}).get("bytes", 0)
        else:
            found.append({"name": span["name"], "cat": span["cat"], "ts": span["ts"], "end": span["ts"] + span["dur"],
                          "bytes": span.get("args", {}).get("bytes", 0)})
    return found


def main():
    events = json.load(open(sys.argv[1]))["traceEvents"]
    title = sys.argv[2] if len(sys.argv) > 2 else ""
    names = {event["pid"]: event["args"]["name"] for event in events if event["name"] == "process_name"}
    spans = [event for event in events if event["ph"] == "X"]
    end = max(span["ts"] + span["dur"] for span in spans)
    scale = WIDTH / end
    rows, y = [], 58
    for process in sorted(names):
        who = names[process].split(",")[0].replace("(", "").replace("process ", "process ")
        for thread, lane in enumerate(("computes", "sends")):
            rows.append(f'<text x="{LEFT - 8}" y="{y + 17}" text-anchor="end">{escape(who)} {lane}</text>')
            for one in merged([s for s in spans if s["pid"] == process and s["tid"] == thread]):
                width = (one["end"] - one["ts"]) * scale
                if width < 0.4:
                    continue
                kind = one["cat"] if thread == 0 else next(
                    (k for k in ("gather sums of", "gather", "reduce") if one["name"].startswith(k)), "sums")
                x = LEFT + one["ts"] * scale
                size = f", {one['bytes'] / 1e6:.1f} MB" if one["bytes"] else ""
                tip = f'{one["cat"]} {one["name"]}: {(one["end"] - one["ts"]) / 1e3:.0f} ms{size}'
                rows.append(f'<rect x="{x:.1f}" y="{y}" width="{max(width - 0.5, 0.5):.1f}" height="{HEIGHT}" '
                            f'fill="{COLOURS[kind]}"><title>{escape(tip)}</title></rect>')
                label = short(one["name"])
                if width > 7 * len(label) + 2:
                    rows.append(f'<text class="in" x="{x + width / 2:.1f}" y="{y + 17}" text-anchor="middle">{escape(label)}</text>')
            y += HEIGHT + (2 if thread == 0 else 4 * GAP)
    tick = 10 ** len(str(int(end / 1e3 / 10))) / 1e3
    while end / 1e6 / tick > 12:
        tick *= 2
    marks, at = [], 0.0
    while at <= end / 1e6:
        x = LEFT + at * 1e6 * scale
        marks.append(f'<path d="M{x:.1f} 52V{y - 16}" stroke="#999" stroke-opacity="0.35"/>'
                     f'<text x="{x:.1f}" y="{y}" text-anchor="middle">{at:.1f} s</text>')
        at += tick
    legend, x = [], LEFT
    for kind in ("teacher", "student", "backward", "optimiser", "waiting", "gather", "reduce", "gather sums of", "sums"):
        label = {"gather": "gather parameters", "reduce": "reduce gradients", "gather sums of": "gather their sums",
                 "sums": "other sums"}.get(kind, kind)
        legend.append(f'<rect x="{x}" y="34" width="10" height="10" fill="{COLOURS[kind]}"/>'
                      f'<text x="{x + 14}" y="43">{label}</text>')
        x += 30 + 6.4 * len(label)
    total = LEFT + WIDTH + 20
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {y + 12}" font-family="sans-serif" font-size="11">'
          '<style>text{fill:#222}.in{fill:#fff}</style>'
          f'<rect width="{total}" height="{y + 12}" fill="#fff"/>'
          f'<text x="{LEFT}" y="20" font-size="14">{escape(title)}</text>' + "".join(legend + marks + rows) + "</svg>")


if __name__ == "__main__":
    main()
