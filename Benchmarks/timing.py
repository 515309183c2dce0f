"""One timing of the training step or of features, by either program: what `compare` and `growth` share."""
import json
import signal
import subprocess
import sys


OUT_OF_MEMORY = "out of memory"


class Failed(Exception):
    """A program that ended without a figure; says why, `OUT_OF_MEMORY` where that is it."""


# What a program says, or how it ends, when memory runs out.
SHORTAGES = ("cannot reserve", "the run needs", "can't allocate memory", "MemoryError", "out of memory",
             "bad_alloc")


def run(command):
    """The JSON that a command ends with."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 0:
        return json.loads(done.stdout.strip().splitlines()[-1])
    # Without a word, and by SIGKILL: that is how the system ends what takes too much.
    if done.returncode == -signal.SIGKILL or any(word in done.stderr for word in SHORTAGES):
        raise Failed(OUT_OF_MEMORY)
    last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    raise Failed(f"{' '.join(command)}: {last}")


def sizes(options, steps):
    words = [word for word in options if word != "--fp32"]
    return [*words, "--steps", str(steps), "--threads", "2"]


def dino(options, steps, what="step"):
    precision = "fp32" if "--fp32" in options else "bf16"
    return run([".build/release/dinod", "bench", what, "--json", "--precision", precision,
                *sizes(options, steps)])


def pytorch(options, steps, what="step"):
    program = {"step": "pytorch_step.py", "embed": "huggingface_features.py"}[what]
    return run([sys.executable, f"Benchmarks/{program}", *sizes(options, steps),
                *([] if "--fp32" in options else ["--bf16"])])
