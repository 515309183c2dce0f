"""Follows a run with the client for Python, changes it, and ends it. Prints what it saw as JSON."""

import json
import sys

import dino

name, folder = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
seen = {"topics": [], "steps": [], "runs": dino.runs(), "journal": []}
with dino.Run.local(name, folder, client="drive.py") as run:
    seen["name"] = run.status()["name"]
    for message in run.follow():
        if message.topic not in seen["topics"]:
            seen["topics"].append(message.topic)
        if message.topic == "snapshot":
            seen["steps"] += [sample["step"] for sample in message.body.samples]
            seen["losses"] = [s["values"]["total_loss"] for s in message.body.samples]
        elif message.topic == "step":
            seen["steps"].append(message.body["step"])
            seen["lr"] = message.body["values"]["lr"]
            if "set" not in seen and len(seen["steps"]) > 5:
                reply = run.command("set", metric="lr", value=2e-4)
                seen["set"] = [reply.outcome, reply.step]
                again = run.command("set", metric="lr", value=2e-4, id=reply.id)
                seen["again"] = [again.outcome, again.step]
                seen["undo"] = [reply.undo.name, reply.undo.arguments]
                try:
                    run.command("set", metric="lr", value=7)
                except dino.Rejected as error:
                    seen["rejected"] = str(error)
                try:
                    run.command("set", metric="lr", value=float("nan"))
                except dino.Rejected as error:
                    seen["not_finite"] = str(error)
                seen["preview"] = run.preview("phase", global_crops_size=36, local_crops_size=12, steps=10)["steps"]
                seen["wait"] = run.command("note", wait=False, text="seen from Python").outcome
                until = reply.step + 3
            if "set" in seen and message.body["step"] == until:
                seen["stop"] = run.command("stop").outcome
        elif message.topic == "journal":
            seen["journal"].append(message.body["change"])
        elif message.topic == "status":
            seen["state"] = message.body["state"]
try:
    dino.Run.local("no-such-run")
except dino.NotRunning as error:
    seen["absent"] = str(error)
print(json.dumps(seen))
