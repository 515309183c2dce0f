"""Times a training step that several hosts share, Dino's and PyTorch's in turn, on the same work, and counts what the
first host sends by the kernel's counter. The hosts are network namespaces with a link each (`scripts/hosts`), a process
of one thread on each. Needs root, iproute2, Open MPI and a Python with torch; nothing else should run meanwhile.

    python Benchmarks/processes.py --python PYTHON --hosts 2 --rate 1gbit --rounds 3 --json FILE

A round times each way once: Dino's three strategies with what is sent in fp32 or bfloat16, DistributedDataParallel and
FSDP. Ratios are of one round, so that a machine that changes its speed changes both.
"""
import argparse
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
HOSTS = str(TOP / "scripts/hosts")
DINO = [f"{strategy}-{sent}" for strategy in ("NO_SHARD", "SHARD_GRAD_OP", "FULL_SHARD") for sent in ("fp32", "bf16")]
PYTORCH = {"ddp": ["--mode", "ddp"], "fsdp-fp32": ["--mode", "fsdp", "--fp32"],
           "fsdp-full-fp32": ["--mode", "fsdp-full", "--fp32"], "ddp-bf16": ["--mode", "ddp", "--bf16"],
           "fsdp-bf16": ["--mode", "fsdp"], "fsdp-full-bf16": ["--mode", "fsdp-full"]}


# Runs on a host: prints the time and the bytes that the host has sent, by the kernel's counter.
COUNTER = """
import time
while True:
    print(time.time(), open("/sys/class/net/eth0/statistics/tx_bytes").read().strip(), flush=True)
    time.sleep(0.02)
"""


class Counter:
    """Records what the first host has sent, over time."""
    def __enter__(self):
        self.process = subprocess.Popen([HOSTS, "on", "h1", sys.executable, "-c", COUNTER], stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        lines = [line.split() for line in self.process.communicate()[0].splitlines()]
        self.counts = [(float(line[0]), int(line[1])) for line in lines if len(line) == 2]

    def at(self, time):
        return max((count for when, count in self.counts if when <= time), default=0)


def dino(way, given, folder):
    """Runs `dinod train` over the hosts. Returns the median step's seconds, bytes and memory."""
    strategy, element = way.rsplit("-", 1)
    settings = {
        "data.path": "embedded", "data.embedded_size": 224, "data.embedded_images": 512, "crops.local_crops_number": given.local_crops,
        "train.world": given.hosts, "train.batch_size_per_gpu": given.images, "train.compute_precision": given.precision,
        "train.sharding_strategy": strategy, "train.param_dtype": element, "train.reduce_dtype": element,
        "train.num_workers": 1, "session.threads": 1, "student.drop_path_rate": 0.3, "optim.epochs": 1,
        "optim.warmup_epochs": 0, "train.OFFICIAL_EPOCH_LENGTH": given.steps, "probe.every": 0, "session.checkpoint_every": 1000000}
    words = [str(TOP / ".build/release/dinod"), "train", str(TOP / "sessions/vits14.yaml"), "--quiet", "--name", "bench", "--dir", folder,
             "--hosts", ",".join(f"h{n}" for n in range(1, given.hosts + 1)), "--restarts", "0",
             "--remote-shell", str(TOP / "scripts/hosts-shell")]
    words += [f"--set={key}={value}" for key, value in settings.items()] + [f"--set={one}" for one in given.set]
    with Counter() as counter:
        done = subprocess.run([HOSTS, "on", "h1", *words], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{way}: {done.stderr or done.stdout}")
    with sqlite3.connect(f"{folder}/bench/history.sqlite") as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(samples)")]
        rows = [dict(zip(columns, row)) for row in database.execute("SELECT * FROM samples ORDER BY step")]
    # Between the ends of two steps: what begins and ends a run does not count.
    on_wire = (counter.at(rows[-1]["time"]) - counter.at(rows[0]["time"])) / (len(rows) - 1)
    rows = rows[1:]
    median = {key: statistics.median(row[key] for row in rows if row[key] is not None)
              for key in ("time_step", "time_network", "time_data", "bytes_sent")}
    return {"step_s": median["time_step"], "wait_s": median["time_network"], "data_s": median["time_data"], "bytes": on_wire,
            "messages": median["bytes_sent"], "mib": max(row["memory_resident"] or 0 for row in rows) / 2 ** 20}


def pytorch(way, given):
    def words(rank):
        return [HOSTS, "on", f"h{rank + 1}", given.python, str(TOP / "Benchmarks/pytorch_processes.py"), "--rank", str(rank),
                "--world", str(given.hosts), "--master", "h1:29500", "--images", str(given.images), "--steps", str(given.steps - 1),
                "--local-crops", str(given.local_crops), *PYTORCH[way]]
    others = [subprocess.Popen(words(rank), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for rank in range(1, given.hosts)]
    first = subprocess.run(words(0), capture_output=True, text=True)
    for other in others:
        other.wait()
    if first.returncode != 0:
        sys.exit(f"{way}: {first.stderr}")
    line = json.loads([line for line in first.stdout.splitlines() if line.startswith("{")][-1])
    return {"step_s": line["step_s"], "bytes": line["sent_bytes_per_step"], "mib": line["peak_rss_mib"]}


def measure(given):
    found = {}
    for number in range(given.rounds):
        for way in given.way or [*DINO, *PYTORCH]:
            folder = tempfile.mkdtemp()
            one = pytorch(way, given) if way in PYTORCH else dino(way, given, folder)
            shutil.rmtree(folder)
            found.setdefault(way, []).append(one)
            print(f"{number + 1}/{given.rounds} {way:<20}{one['step_s']:>8.2f} s{one['bytes'] / 1e6:>9.1f} MB{one['mib']:>8.0f} MiB"
                  + (f"  messages {one['messages'] / 1e6:.1f} MB, waits {one['wait_s']:.2f} s, for crops {one['data_s']:.2f} s" if "wait_s" in one else ""), flush=True)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable, help="has torch")
    parser.add_argument("--hosts", type=int, default=2)
    parser.add_argument("--rate", default="1gbit", help="of a host's link, as tc takes it; 0 for no limit")
    parser.add_argument("--images", type=int, default=2, help="of a rank; each host has one")
    parser.add_argument("--local-crops", type=int, default=2)
    parser.add_argument("--steps", type=int, default=6, help="the first counts for no time")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--precision", default="auto", choices=["auto", "bf16", "fp32"])
    parser.add_argument("--way", action="append", choices=[*DINO, *PYTORCH], help="by default all")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="of Dino's recipe")
    parser.add_argument("--json", help="a file for all figures")
    given = parser.parse_args()
    subprocess.run([HOSTS, "down"], check=True)
    subprocess.run([HOSTS, "up", str(given.hosts), *([] if given.rate == "0" else [given.rate])], check=True)
    try:
        found = measure(given)
    finally:
        subprocess.run([HOSTS, "down"], check=True)
    print(f"\n{'':<20}{'a step':>10}{'sent':>12}{'memory':>12}")
    for way, rounds in found.items():
        middle = {key: statistics.median(one[key] for one in rounds) for key in ("step_s", "bytes", "mib")}
        print(f"{way:<20}{middle['step_s']:>8.2f} s{middle['bytes'] / 1e6:>9.1f} MB{middle['mib']:>8.0f} MiB")
    if given.json:
        Path(given.json).write_text(json.dumps({"options": vars(given), "ways": found}, indent=1))


if __name__ == "__main__":
    main()
