"""How well the probe's scores without labels rank a run's checkpoints: Kendall's tau of each score with the k-NN
accuracy, over the probes of each run, from the runs' databases.

    python Benchmarks/label_free.py RUN_FOLDER…        # each has history.sqlite; needs nothing but Python
"""
import json, sqlite3, statistics, sys

SCORES = ["rank_me", "lidar", "alpha_req", "coding_rate", "dense_separation", "dense_dimensions", "neighbour_stability"]


def kendall(pairs):
    """Tau-b, which allows for ties."""
    agree = differ = x_ties = y_ties = 0
    for i, (a, b) in enumerate(pairs):
        for c, d in pairs[:i]:
            x, y = (a > c) - (a < c), (b > d) - (b < d)
            agree += x * y > 0
            differ += x * y < 0
            x_ties += x == 0 and y != 0
            y_ties += y == 0 and x != 0
    product = (agree + differ + x_ties) * (agree + differ + y_ties)
    return (agree - differ) / product ** 0.5 if product else float("nan")


def dse(rows):
    """Adds DSE, whose weight follows from all of a run's probes."""
    parts = [(r["dense_separation"], r["dense_dimensions"]) for r in rows if "dense_separation" in r]
    if len(parts) < 2:
        return
    spreads = [statistics.pstdev(p) for p in zip(*parts)]
    weight = spreads[0] / spreads[1] if spreads[1] else 0
    for row in rows:
        if "dense_separation" in row:
            row["dse"] = row["dense_separation"] + weight * row["dense_dimensions"]


def probes(folder):
    database = sqlite3.connect(f"file:{folder}/history.sqlite?mode=ro", uri=True)
    rows = database.execute("SELECT step, \"values\" FROM evaluations WHERE name = 'knn' AND step > 0 ORDER BY step")
    found = [{"step": step, **json.loads(values)} for step, values in rows]
    dse(found)
    return [row for row in found if "knn_learned" in row]


def main(folders):
    names = SCORES + ["dse"]
    print("run".ljust(24), "probes", "k-NN best", *[n[:9].rjust(9) for n in names])
    taus = {name: [] for name in names}
    for folder in folders:
        rows = probes(folder)
        if len(rows) < 3:
            continue
        line = []
        for name in names:
            pairs = [(r[name], r["knn_learned"]) for r in rows if name in r]
            tau = kendall(pairs) if len(pairs) > 2 else float("nan")
            if tau == tau:
                taus[name].append(tau)
            line.append(f"{tau:9.2f}")
        best = max(rows, key=lambda r: r["knn_learned"])
        print(folder.rstrip("/").split("/")[-1].ljust(24), str(len(rows)).rjust(6),
              f"{100 * best['knn_learned']:6.1f} %", *line)
    print("mean".ljust(41), *[f"{statistics.mean(t):9.2f}" if t else "        -" for t in taus.values()])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
