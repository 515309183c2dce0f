"""Has the client for Python join snapshots and feeds of an invented daemon, whose messages are chosen so that some come
before the snapshot that has them, some are missing, and some are of another daemon. Prints what came of it as JSON."""

import json
import sys
import threading

import dino
import zmq

STATUS = {"name": "moths", "state": "running", "step": 0, "steps": 9}
# What is published before each snapshot is asked for, and the snapshot's number. Steps have their message's number.
ROUNDS = [([1, 2, 3], 2, [4, 5, 7]), ([8], 7, [9, 1]), ([2, 3], 1, [4])]


def serve(feed, control):
    """Publishes the rounds, and answers snapshots."""
    feed.recv()

    def publish(numbers):
        for number in numbers:
            body = {"step": number, "time": 0, "values": {}}
            feed.send_multipart([b"step", json.dumps({"seq": number, "run": "moths", "time": 0, "body": body}).encode()])

    for before, sequence, after in ROUNDS:
        if before[0] == 1:
            publish(before[:1])
        identity, frame = control.recv_multipart()
        publish(before[1:] if before[0] == 1 else before)
        reply = {"id": json.loads(frame)["id"], "outcome": "ok", "snapshot": {
            "status": STATUS, "sequence": sequence, "events": [], "evaluations": [], "journal": [], "plan": []}}
        control.send_multipart([identity, json.dumps(reply).encode(), b'["step", "time"]', b""])
        publish(after)
    end = {"seq": 5, "run": "moths", "time": 0, "body": STATUS | {"state": "finished"}}
    feed.send_multipart([b"status", json.dumps(end).encode()])


context = zmq.Context()
feed, control = context.socket(zmq.XPUB), context.socket(zmq.ROUTER)
feed.bind(f"ipc://{sys.argv[1]}/feed")
control.bind(f"ipc://{sys.argv[1]}/control")
threading.Thread(target=serve, args=(feed, control), daemon=True).start()
with dino.Run(f"ipc://{sys.argv[1]}/feed", f"ipc://{sys.argv[1]}/control", name="moths") as run:
    print(json.dumps([[message.topic, message.seq] for message in run.follow()]))
