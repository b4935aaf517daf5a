"""Records -> lines of a JSON Lines file and whole JSON files, safe to read while they are written.

Invariant: a reader never sees half a file (`replace`) and takes only whole lines (`read`), whoever was killed when.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]
Record = dict[str, Json]

EVENTS = "events.jsonl"


def append(path: Path, record: Mapping[str, Json], *, durable: bool = False) -> None:
    """Add one line. A single write on a descriptor opened for appending: lines of several processes don't mix.

    `durable` returns only when the line is on the disk (fsync).
    """
    line = json.dumps(record, separators=(",", ":")).encode() + b"\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        os.write(descriptor, line)
        if durable:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(path: Path) -> list[Record]:
    """The whole lines of a file, none when it is not there; a last line that is cut short is left out."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return []
    whole, _, _ = text.rpartition(b"\n")
    return [json.loads(line) for line in whole.splitlines() if line]


def replace(path: Path, body: Json) -> None:
    """Write a JSON file in one step: a rename, which is what Envoy's `watched_directory` waits for, too."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")
    draft.replace(path)


class Events:
    """The trial's `events.jsonl`: what happened, with `t` in seconds after `origin` on CLOCK_MONOTONIC."""

    def __init__(self, run_dir: Path, origin: float) -> None:
        self._path = run_dir / EVENTS
        self._origin = origin

    def rebase(self, origin: float) -> None:
        """Count from another origin, and make what was added so far count from it, too.

        Only while no other process adds events: the file is written anew.
        """
        shift = self._origin - origin
        moved = [{**event, "t": round(_seconds(event["t"]) + shift, 6)} for event in read(self._path)]
        self._path.unlink(missing_ok=True)
        for event in moved:
            append(self._path, event)
        self._origin = origin

    def now(self) -> float:
        return round(time.monotonic() - self._origin, 6)

    def add(self, kind: str, *, at: float | None = None, **fields: Json) -> None:
        """Append an event of now, or of `at` seconds after the origin."""
        append(self._path, {"t": self.now() if at is None else round(at, 6), "kind": kind, **fields})


def _seconds(value: Json) -> float:
    if not isinstance(value, int | float):
        raise ValueError(f"not a time: {value!r}")
    return float(value)
