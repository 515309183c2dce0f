#!/usr/bin/env python3
"""A client for Dino's training runs: follow them, ask where they stand, and change them.

One file that needs pyzmq alone. What it does is described in docs/protocol.md.

    import dino

    print(dino.runs())                               # the runs that are being trained here
    with dino.Run.local("moths") as run:
        print(run.status()["step"])
        reply = run.command("set", metric="lr", value=1e-4, over=100)
        print(reply.step)                            # the first step that has it
        for message in run.follow():                 # the run so far, and then all that happens
            if message.topic == "step":
                print(message.body["step"], message.body["values"].get("total_loss"))

On the shell, `python3 dino.py NAME` follows a run and prints a line for each step; HOST:NAME is a run of another
machine. Without NAME it lists the runs.

An object of this module belongs to one thread.
"""

from __future__ import annotations

import array
import getpass
import json
import os
import socket
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

try:
    import zmq
    import zmq.utils.z85
except ImportError:
    raise SystemExit("dino.py needs pyzmq: python3 -m pip install pyzmq") from None

__all__ = [
    "Change", "DinoError", "Keys", "Lost", "Message", "NoAnswer", "NotRunning", "Preview", "Rejected", "Reply",
    "Run", "Snapshot", "runs",
]

VERSION = 2
"""The version of the protocol."""

PATIENCE = 5.0
"""Seconds of silence after which a daemon counts as gone. It sends something every second."""

ENDED = {"stopped", "finished", "failed"}
"""The states in which a run does not go on."""


class DinoError(Exception):
    """What all errors of this module are."""


class NotRunning(DinoError):
    """No daemon trains the run."""


class NoAnswer(DinoError):
    """The daemon did not answer in time, or ended before it did."""


class Lost(DinoError):
    """The daemon fell silent while it was followed. It may have been killed."""


class Rejected(DinoError):
    """The daemon refused a command. The message is its reason, which says how to do it right."""


class Keys(NamedTuple):
    """Keys of CURVE for a run that is reached through a network: 64 hexadecimal digits, as `dino keys` prints
    them, or the forms that ZeroMQ takes, which are 32 bytes or 40 characters (Z85)."""

    public: bytes | str
    secret: bytes | str
    server: bytes | str


@dataclass(frozen=True)
class Message:
    """A message of the feed.

    `topic` is `step`, `status`, `phase`, `eval`, `event`, `journal`, `plan` or `heartbeat`, and `body` what
    docs/protocol.md says of it. `follow()` adds messages of the topic `snapshot`, whose body is a `Snapshot`.
    """

    topic: str
    body: Any
    seq: int
    """Its number; that of a snapshot is the number of the last message that it contains."""
    time: float
    """When it was sent, in seconds since 1970."""


@dataclass(frozen=True)
class Snapshot:
    """A run so far."""

    status: dict[str, Any]
    sequence: int
    """The number of the last message of the feed that it contains."""
    columns: dict[str, array.array[float]]
    """The samples by column: `step`, `time` and metrics. NaN where a step has no value. Of a long run
    every 2nd, 4th, 8th, … step, and the latest."""
    events: list[dict[str, Any]]
    evaluations: list[dict[str, Any]]
    journal: list[dict[str, Any]]
    plan: list[dict[str, Any]]

    @property
    def samples(self) -> list[dict[str, Any]]:
        """The samples in the form that the feed has: `step`, `time` and `values`."""
        metrics = [name for name in self.columns if name not in ("step", "time")]
        rows = []
        for row, step in enumerate(self.columns.get("step", ())):
            values = {name: self.columns[name][row] for name in metrics}
            rows.append({
                "step": int(step), "time": self.columns["time"][row],
                "values": {name: value for name, value in values.items() if value == value}})
        return rows


@dataclass(frozen=True)
class Reply:
    """The last reply to a command."""

    id: str
    outcome: str
    """`ok` or `applied`; `accepted` if the command did not wait for the end of the step."""
    step: int | None = None
    """The first step that the change affects."""
    undo: Change | None = None
    """The change that would take this one back."""
    reason: str | None = None
    """What is good to know besides."""
    raw: dict[str, Any] = field(default_factory=dict, repr=False)
    """All that the daemon sent."""


@dataclass(frozen=True)
class Change:
    """A change of a run: the name of a command, and its arguments."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


Preview = dict[str, Any]
"""What a phase would cost; see docs/protocol.md."""


def sockets_folder() -> Path:
    """The folder that has one with two sockets for each run: `$XDG_RUNTIME_DIR/dino`, or else in `/tmp`."""
    base = os.environ.get("XDG_RUNTIME_DIR")
    return Path(base) / "dino" if base else Path(f"/tmp/dino-{os.getuid()}")


def runs_folder() -> Path:
    """The default folder of runs: `$XDG_STATE_HOME/dino/runs`, or else below `~/.local/state`."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local/state") / "dino/runs"


def config_folder() -> Path:
    """The folder of a user's keys and hosts: `$XDG_CONFIG_HOME/dino`, or else below `~/.config`."""
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "dino"


def socket_name(name: str, folder: str | os.PathLike[str] | None = None) -> str:
    """The name of the folder with a run's sockets.

    It is the run's name, and for a run outside the default folder also a code of its path (FNV-1a in base 36).
    """
    if folder is None:
        return name
    path = f"{os.path.realpath(folder)}/{name}"
    if path == f"{runs_folder()}/{name}":
        return name
    code = 0xCBF29CE484222325
    for byte in os.fsencode(path):
        code = (code ^ byte) * 0x100000001B3 % 2**64
    digits = ""
    while code:
        code, digit = divmod(code, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return f"{name}-{digits}"


def runs(timeout: float = 1.0) -> list[str]:
    """The names of the runs that are being trained on this machine by this user, for `Run.local`.

    A run outside the default folder has a code after its name. Daemons that were killed leave their sockets,
    so each is asked; `timeout` is how long one may take to answer, in seconds.
    """
    folder = sockets_folder()
    names = sorted(path.parent.name for path in folder.glob("*/control")) if folder.is_dir() else []
    found = []
    for name in names:
        try:
            with Run.at(folder / name, name) as run:
                run.command("hello", timeout=timeout)
        except DinoError:
            continue
        found.append(name)
    return found


def _key(key: bytes | str) -> bytes:
    """A key as ZeroMQ takes it."""
    if len(key) == 64:
        return bytes.fromhex(key if isinstance(key, str) else key.decode())
    return key.encode() if isinstance(key, str) else key


class Run:
    """A connection to the daemon of a run. Close it, or use it in a `with`.

    It connects in the background, so making one says nothing of whether a daemon is there.
    """

    def __init__(
        self, endpoint_feed: str, endpoint_control: str, keys: Keys | None = None, *,
        client: str | None = None, name: str | None = None, run: str | None = None,
    ) -> None:
        """Connects to two sockets: `ipc://PATH`, or `tcp://HOST:PORT`.

        `keys` are this client's keys and the other side's public one, if it asks for them. `run` is the name of
        the run at a gate (`dino serve`), which serves many. `client` is who asks, for the run's journal; by
        default the program's name, the user and the machine. A gate names the owner of the key instead.
        """
        self.name = name or endpoint_control
        self._run = run
        self.client = client or _client_name()
        self._endpoint_feed = endpoint_feed
        self._keys = keys
        self._context = zmq.Context()
        # Commands wait only while a daemon is there: none may reach one that starts an hour later.
        self._control = self._socket(zmq.DEALER)
        self._control.set(zmq.IMMEDIATE, 1)
        self._control.set(zmq.LINGER, 200)
        self._control.connect(endpoint_control)
        self._replies: dict[str, list[list[bytes]]] = {}

    @classmethod
    def local(
        cls, name: str, folder: str | os.PathLike[str] | None = None, *, client: str | None = None,
    ) -> Run:
        """Connects to a run on this machine. `folder` is what `--dir` was, if the run was begun with it.

        Raises `NotRunning` if the run has no sockets.
        """
        return cls.at(sockets_folder() / socket_name(name, folder), name, client=client)

    @classmethod
    def at(cls, sockets: Path, name: str, *, client: str | None = None) -> Run:
        """Connects to the two sockets in a folder."""
        if not (sockets / "control").exists():
            near = ", ".join(sorted(path.parent.name for path in sockets.parent.glob("*/control")))
            raise NotRunning(
                f"no daemon trains '{name}' here: there is no {sockets}/control; start it with: dino start {name}"
                + (f"; there are sockets of {near}" if near else ""))
        return cls(f"ipc://{sockets}/feed", f"ipc://{sockets}/control", client=client, name=name)

    @classmethod
    def remote(cls, host: str, run: str, *, client: str | None = None) -> Run:
        """Connects to a run of another machine through its gate, as `dino` does: with the key of this machine,
        and the address and key of the host that `dino hosts` knows.

        Raises `NotRunning` if one of them is missing.
        """
        folder = config_folder()
        try:
            secret = (folder / "secret-key").read_text().strip()
        except FileNotFoundError:
            raise NotRunning("this machine has no key yet; make one with: dino keys new") from None
        hosts = folder / "hosts"
        lines = hosts.read_text().splitlines() if hosts.exists() else []
        known = {words[0]: words for words in (line.split("#")[0].split() for line in lines) if len(words) == 3}
        if host not in known:
            raise NotRunning(f"there is no host '{host}'; add it with: dino hosts add {host} tcp://ADDRESS:5640 KEY")
        _, address, server = known[host]
        place, _, port = address.rpartition(":")
        public = zmq.curve_public(zmq.utils.z85.encode(bytes.fromhex(secret)))
        return cls(
            f"{place}:{int(port) + 1}", address, Keys(public, secret, server), client=client, run=run,
            name=f"{host}:{run}")

    def close(self) -> None:
        """Ends the connection. A command that was just sent still goes out."""
        # With the sockets of those who still follow.
        self._context.destroy(linger=200)

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Asking

    def status(self, timeout: float = 5.0) -> dict[str, Any]:
        """Where the run stands."""
        status: dict[str, Any] = self.command("status", timeout=timeout).raw["status"]
        return status

    def snapshot(self, timeout: float = 5.0) -> Snapshot:
        """The run so far."""
        return self._take_snapshot(self._send("snapshot"), timeout)

    def preview(self, command: str, timeout: float = 60.0, **arguments: Any) -> Preview:
        """What a change would do and cost. Nothing is changed or recorded."""
        raw = self.command(command, timeout=timeout, preview=True, **arguments).raw
        preview: Preview = raw.get("preview") or raw["expected"]
        return preview

    # Changing

    def command(
        self, command: str, *, wait: bool = True, timeout: float | None = 60.0, preview: bool = False,
        id: str | None = None, **arguments: Any,
    ) -> Reply:
        """Sends a command and waits until it is carried out.

        `command` is `pause`, `resume`, `checkpoint`, `set`, `phase`, `back`, `rewind`, `note` or `stop`, and
        `arguments` are those of docs/protocol.md. One that is `None` is left out. A change is made between two steps, so this
        waits for the present step; with `wait=False` it returns as soon as the daemon has the command.

        `timeout` is in seconds, `None` for no limit. If it passes, the command may still be carried out; sent again
        with the same `id` it is not made twice.

        Raises `Rejected`, `NoAnswer` or `NotRunning`.
        """
        given = {name: value for name, value in arguments.items() if value is not None}
        sent = self._send(command, given, preview=preview, id=id, timeout=timeout)
        deadline = _deadline(timeout)
        try:
            while True:
                raw = json.loads(self._receive(sent, command, deadline)[0])
                reply = _reply(raw)
                if reply.outcome == "rejected":
                    raise Rejected(f"{self.name}: {reply.reason}")
                if reply.outcome != "accepted" or not wait:
                    return reply
        finally:
            self._replies.pop(sent, None)

    def apply(self, change: Change, **options: Any) -> Reply:
        """Makes a change, such as the `undo` of a reply."""
        return self.command(change.name, **options, **change.arguments)

    # Following

    def follow(self, topics: set[str] | None = None) -> Iterator[Message]:
        """Yields what happens in the run, without a gap, until the run ends.

        The first message has the topic `snapshot`, and so has one after messages were missed, because this
        program was too slow or another daemon goes on with the run. A snapshot replaces all before it. A
        `step` that is not after the last one means that the run went back to a checkpoint: samples and
        evaluations from that step on no longer hold.

        With `topics`, only messages of these are yielded. Raises `NotRunning` if nobody answers, and `Lost` if
        the daemon falls silent.
        """
        feed = self._socket(zmq.SUB)
        try:
            feed.set(zmq.LINGER, 0)
            # A gate has the run's name before the topic.
            feed.subscribe(f"{self._run}/".encode() if self._run else b"")
            feed.connect(self._endpoint_feed)
            yield from (
                message for message in self._joined(feed) if topics is None or message.topic in topics)
        finally:
            feed.close()

    def _joined(self, feed: zmq.Socket[bytes]) -> Iterator[Message]:
        """Joins snapshots and the feed."""
        # The first message proves that all later ones will arrive. A snapshot after it leaves no gap.
        message = self._next(feed, NotRunning(_silent(self.name)))
        heard = 0
        while True:
            snapshot = self.snapshot()
            yield Message("snapshot", snapshot, snapshot.sequence, time.time())
            if snapshot.status["state"] in ENDED:
                return
            expected = snapshot.sequence + 1
            # Until messages were missed, or numbers go backwards, since another daemon counts from 1.
            while heard < message.seq <= expected:
                heard = message.seq
                # The snapshot contains those before.
                if message.seq == expected:
                    expected += 1
                    yield message
                    if message.topic == "status" and message.body["state"] in ENDED:
                        return
                message = self._next(feed, Lost(
                    f"{self.name}: the daemon has sent nothing for {PATIENCE:.0f} s; dino status {self.name} says "
                    "what became of it"))
            heard = message.seq - 1

    def _next(self, feed: zmq.Socket[bytes], silence: DinoError) -> Message:
        """Waits for a message of the feed."""
        if not feed.poll(int(PATIENCE * 1000)):
            raise silence
        topic, header = feed.recv_multipart()[:2]
        given = json.loads(header)
        return Message(topic.decode().rpartition("/")[2], given.get("body"), given["seq"], given["time"])

    # The sockets

    def _socket(self, kind: int) -> zmq.Socket[bytes]:
        made = self._context.socket(kind)
        made.set(zmq.RECONNECT_IVL_MAX, 1000)
        if self._keys is not None:
            for option, key in (
                (zmq.CURVE_PUBLICKEY, self._keys.public), (zmq.CURVE_SECRETKEY, self._keys.secret),
                (zmq.CURVE_SERVERKEY, self._keys.server),
            ):
                made.set(option, _key(key))
        return made

    def _send(
        self, command: str, arguments: dict[str, Any] | None = None, *, preview: bool = False,
        id: str | None = None, timeout: float | None = 5.0,
    ) -> str:
        """Sends a command. Returns its id."""
        sent = id or uuid.uuid4().hex
        frame: dict[str, Any] = {
            "v": VERSION, "id": sent, "client": self.client, "command": command}
        if self._run:
            frame["run"] = self._run
        if arguments:
            frame["arguments"] = arguments
        if preview:
            frame["preview"] = True
        patience = PATIENCE if timeout is None else min(timeout, PATIENCE)
        if not self._control.poll(int(patience * 1000), zmq.POLLOUT):
            raise NotRunning(_silent(self.name))
        try:
            self._control.send(json.dumps(frame, allow_nan=False).encode(), zmq.NOBLOCK)
        except ValueError as error:
            raise Rejected(f"{command}: an argument is not a finite number") from error
        except zmq.Again:
            raise NotRunning(f"{self.name}: the daemon has just ended") from None
        self._replies[sent] = []
        return sent

    def _receive(self, id: str, command: str, deadline: float | None) -> list[bytes]:
        """Waits for the next reply to a command. Replies to others are kept for those who wait for them."""
        while not self._replies[id]:
            left = 3600.0 if deadline is None else deadline - time.monotonic()
            if left <= 0 or not self._control.poll(int(left * 1000) + 1):
                if deadline is None:
                    continue
                raise NoAnswer(
                    f"{self.name}: no reply to {command} in time; it may still be carried out. Ask again with the "
                    "same id, or with a longer timeout")
            frames = self._control.recv_multipart()
            # Empty messages are how the daemon finds out who has gone.
            if not frames[0]:
                continue
            found = json.loads(frames[0]).get("id", "")
            if found in self._replies:
                self._replies[found].append(frames)
            elif found == "":
                raise Rejected(f"{self.name}: {json.loads(frames[0]).get('reason')}")
        return self._replies[id].pop(0)

    def _take_snapshot(self, id: str, timeout: float) -> Snapshot:
        try:
            frames = self._receive(id, "snapshot", _deadline(timeout))
        finally:
            self._replies.pop(id, None)
        raw = json.loads(frames[0])
        if raw.get("outcome") != "ok" or len(frames) < 3:
            raise Rejected(f"{self.name}: {raw.get('reason', 'the daemon gave no snapshot')}")
        names = json.loads(frames[1])
        numbers = array.array("d", frames[2])
        if sys.byteorder == "big":
            numbers.byteswap()
        rows = len(numbers) // len(names) if names else 0
        given = raw["snapshot"]
        return Snapshot(
            status=given["status"], sequence=given["sequence"], events=given["events"],
            evaluations=given["evaluations"], journal=given["journal"], plan=given["plan"],
            columns={name: numbers[i * rows:(i + 1) * rows] for i, name in enumerate(names)})


def _reply(raw: dict[str, Any]) -> Reply:
    undo = raw.get("undo")
    return Reply(
        id=raw.get("id", ""), outcome=raw.get("outcome", ""), step=raw.get("step"), reason=raw.get("reason"),
        undo=Change(undo["change"], undo.get("arguments") or {}) if undo else None, raw=raw)


def _silent(name: str) -> str:
    return f"{name}: no daemon answers; dino ls lists the runs, and dino start goes on with one"


def _deadline(timeout: float | None) -> float | None:
    return None if timeout is None else time.monotonic() + timeout


def _client_name() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    program = os.path.basename(sys.argv[0]) or "python"
    return f"{program} ({user}@{socket.gethostname()})"


def _print_run(name: str) -> int:
    """Prints a line for each step of a run, and for each event. Returns the exit code."""
    last: dict[str, Any] = {}
    host, _, remote = name.rpartition(":")
    with Run.remote(host, remote) if host else Run.local(name) as run:
        for message in run.follow():
            body = message.body
            if message.topic == "snapshot":
                last = body.status
                print(f"{last['name']}: {last['state']}, step {last['step']} of {last['steps']}", flush=True)
            elif message.topic == "step":
                loss = body["values"].get("total_loss")
                rate = body["values"].get("images_per_s")
                print(
                    f"step {body['step']}" + (f"  loss {float(loss):.4f}" if loss is not None else "")
                    + (f"  {float(rate):.1f} images/s" if rate is not None else ""), flush=True)
            elif message.topic == "eval":
                values = "  ".join(f"{name} {float(value):.4g}" for name, value in sorted(body["values"].items()))
                print(f"step {body['step']}  {body['name']}: {values}", flush=True)
            elif message.topic == "event":
                print(f"step {body['step']}  {body['level']}  {body['kind']}: {body['text']}", flush=True)
            elif message.topic == "status":
                last = body
    print(f"{last['name']}: {last['state']}" + (f": {last['message']}" if last.get("message") else ""))
    return 1 if last["state"] == "failed" else 0


def main(words: list[str]) -> int:
    """Follows the run that is named, or lists the runs."""
    if len(words) > 1 or any(word.startswith("-") for word in words):
        print("usage: dino.py [NAME]: follows a run; without NAME, lists those that are being trained")
        return 0 if words in (["--help"], ["-h"]) else 2
    try:
        if words:
            return _print_run(words[0])
        print("\n".join(runs()) or "no run is being trained here; start one with: dino start RECIPE.yaml")
        return 0
    except DinoError as error:
        print(f"dino.py: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read this, such as head, has what they wanted.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
