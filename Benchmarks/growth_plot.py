"""The picture of `growth`: a column of two logarithmic panels, time and memory, for what grows."""
import math

WIDTH, PLOT, HEIGHT, LEFT, TOP, GAP = 300, 210, 170, 70, 64, 62
ROWS = {"step_s": "seconds a step", "peak_rss_gib": "peak memory, GiB"}
LINES = {"dino": ("Dino", "#1f77b4", ""), "pytorch": ("PyTorch", "#d9662b", ' stroke-dasharray="5 3"')}
# Readable on a light and on a dark page alike: no background, and greys between the two.
STYLE = """<style>
text { fill: #808080 } .name { font-weight: bold } .edge { text-anchor: end } .tick { text-anchor: middle }
.axis { fill: none; stroke: #808080 } .grid { stroke: #808080; stroke-opacity: 0.3 }
polyline { fill: none; stroke-width: 2 }
</style>"""


class Axis:
    """Values on a logarithmic scale between two pixels."""

    def __init__(self, values, first, last):
        low, high = min(values), max(values)
        room = 0.08 * math.log(high / low) if high > low else math.log(1.5)
        self.low, self.high = math.log(low) - room, math.log(high) + room
        self.first, self.last = first, last

    def __call__(self, value):
        share = (math.log(value) - self.low) / (self.high - self.low)
        return round(self.first + share * (self.last - self.first), 1)

    def ticks(self):
        """1, 2 and 5 times powers of ten; if these are too few, more."""
        for steps in ((1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9), [1 + n / 10 for n in range(90)]):
            powers = range(math.floor(self.low / math.log(10)), math.ceil(self.high / math.log(10)) + 1)
            found = [s * 10.0 ** p for p in powers for s in steps]
            found = [value for value in found if self.low <= math.log(value) <= self.high]
            if len(found) >= 2:
                return found[::math.ceil(len(found) / 8)]
        return []


def points_of(points, name, key):
    return [(point["at"], point[name][key]) for point in points if key in point[name]]


def panel(points, key, left, top):
    """One plot: a line for each program; a cross at the top where a program has no figure."""
    values = [value for name in LINES for _, value in points_of(points, name, key)]
    x = Axis([point["at"] for point in points], left, left + PLOT)
    out = [f'<path d="M{left} {top}V{top + HEIGHT}H{left + PLOT}" class="axis"/>']
    for point in points:
        out.append(f'<text x="{x(point["at"])}" y="{top + HEIGHT + 16}" class="tick">{point["at"]}</text>')
    if values:
        y = Axis(values, top + HEIGHT, top)
        for tick in y.ticks():
            out.append(f'<path d="M{left} {y(tick)}h{PLOT}" class="grid"/>'
                       f'<text x="{left - 6}" y="{y(tick) + 4}" class="edge">{tick:.3g}</text>')
    for name, (title, color, dashes) in LINES.items():
        line = [(x(at), y(value), at, value) for at, value in points_of(points, name, key)]
        if len(line) > 1:
            way = " ".join(f"{a},{b}" for a, b, _, _ in line)
            out.append(f'<polyline points="{way}" stroke="{color}"{dashes}/>')
        out += [f'<circle cx="{a}" cy="{b}" r="3" fill="{color}"><title>{title}, {at}: {value:.3g}</title></circle>'
                for a, b, at, value in line]
        for point in points:
            if key not in point[name]:
                out.append(f'<text x="{x(point["at"])}" y="{top + 10}" class="tick" style="fill: {color}">×'
                           f'<title>{title}, {point["at"]}: {escaped(point[name]["failed"])}</title></text>')
    return out


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def svg(found, titles):
    """`found`: for what grows, its points; `titles`: what is said of each."""
    width, height = WIDTH * max(1, len(found)), TOP + len(ROWS) * (HEIGHT + GAP)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
           'font-size="11">', STYLE]
    for number, (title, color, dashes) in enumerate(LINES.values()):
        at = LEFT + 110 * number
        out.append(f'<path d="M{at} 14h24" stroke="{color}" stroke-width="2"{dashes}/>'
                   f'<text x="{at + 30}" y="18">{title}</text>')
    for column, (name, points) in enumerate(found.items()):
        left = LEFT + column * WIDTH
        what, _, setting = titles[name].partition(" (")
        out.append(f'<text x="{left}" y="{TOP - 24}" class="name">{escaped(what)}</text>'
                   f'<text x="{left + PLOT}" y="{TOP + len(ROWS) * (HEIGHT + GAP) - 26}" class="edge">'
                   f'{escaped(setting.rstrip(")"))}</text>')
        for row, (key, title) in enumerate(ROWS.items()):
            top = TOP + row * (HEIGHT + GAP)
            out.append(f'<text x="{left}" y="{top - 8}">{title}</text>')
            out += panel(points, key, left, top)
    return "\n".join(out) + "\n</svg>\n"
