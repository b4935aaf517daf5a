"""Faults in force <-> `undo.jsonl` in the run folder.

Invariant: a fault's line is on the disk before the fault strikes, so whoever is killed in between, the log lists at
least what has to be undone. Undoing what never struck does no harm.

A line opens an entry ({"id", "fault", "what", "targets", "processes", "admin", "keys"}) or closes one
({"id", "undone": true}).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from ..local.process import Identity
from ..local.records import Json, append, read

UNDO = "undo.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """A fault in force: processes that are stopped (one a target), or Envoy runtime keys that are set."""

    fault: int
    what: str
    targets: tuple[str, ...]
    processes: tuple[Identity, ...] = ()
    admin: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: str(time.monotonic_ns()))


def open_entry(run_dir: Path, entry: Entry) -> None:
    processes: list[Json] = [{"pid": process.pid, "start": process.start} for process in entry.processes]
    keys: dict[str, Json] = dict(entry.keys)
    record: dict[str, Json] = {
        "id": entry.id,
        "fault": entry.fault,
        "what": entry.what,
        "targets": list(entry.targets),
        "processes": processes,
        "admin": entry.admin,
        "keys": keys,
    }
    append(run_dir / UNDO, record, durable=True)


def close_entry(run_dir: Path, entry: Entry) -> None:
    append(run_dir / UNDO, {"id": entry.id, "undone": True}, durable=True)


def open_entries(run_dir: Path) -> tuple[Entry, ...]:
    """The faults that the log holds for in force, oldest first."""
    entries: dict[str, Entry] = {}
    for record in read(run_dir / UNDO):
        name = str(record["id"])
        if record.get("undone"):
            entries.pop(name, None)
        else:
            entries[name] = _entry(record)
    return tuple(entries.values())


def _entry(record: dict[str, Json]) -> Entry:
    match record:
        case {
            "id": str(name),
            "fault": int(fault),
            "what": str(what),
            "targets": list(targets),
            "processes": list(processes),
            "admin": str(admin),
            "keys": dict(keys),
        }:
            stopped = []
            for process in processes:
                match process:
                    case {"pid": int(pid), "start": int(start)}:
                        stopped.append(Identity(pid, start))
            return Entry(
                fault,
                what,
                tuple(str(target) for target in targets),
                tuple(stopped),
                admin,
                {key: str(value) for key, value in keys.items()},
                name,
            )
        case _:
            raise ValueError(f"not a line of an undo log: {record}")
