"""The undo log -> the world without the faults it lists.

Invariant: undoing is idempotent, and one fault's undo leaves another that is still in force as it was: a runtime key
goes back to what the latest remaining fault set, and is removed only when none is left.

Called by each fault's own undo, by the experiment's rollbacks, by the reaper when the command was killed, and by
`seatrial undo DIR`. The standard library only: it must run when everything else is gone.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass
from pathlib import Path

from ..local.admin import AdminUnreachable, set_runtime
from ..local.process import send_group
from ..local.records import Events, Json
from ..local.state import read_state
from .log import Entry, close_entry, open_entries


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo found: `gone` are targets that no longer exist, which needs no undoing."""

    entry: Entry
    gone: tuple[str, ...]


def undo_all(run_dir: str) -> dict[str, Json]:
    """Undo every fault that the log of this run folder lists as in force, latest first. A Chaos Toolkit action."""
    folder = Path(run_dir)
    return _report([undo_entry(folder, entry) for entry in reversed(open_entries(folder))])


def undo_fault(run_dir: str, fault: int) -> dict[str, Json]:
    """Undo one fault, whatever occurrence of it is in force; nothing happens when none is."""
    folder = Path(run_dir)
    entries = [entry for entry in open_entries(folder) if entry.fault == fault]
    return _report([undo_entry(folder, entry) for entry in reversed(entries)])


def undo_entry(run_dir: Path, entry: Entry) -> Undone:
    """Undo one entry of the log, and close it."""
    gone = [
        name
        for name, process in zip(entry.targets, entry.processes, strict=False)
        if not send_group(process, signal.SIGCONT)
    ]
    if entry.keys:
        others = [one for one in open_entries(run_dir) if one.id != entry.id and one.admin == entry.admin]
        keys = {key: next((one.keys[key] for one in reversed(others) if key in one.keys), "") for key in entry.keys}
        try:
            set_runtime(entry.admin, keys)
        except AdminUnreachable:
            # The keys live in Envoy's memory: with the process they are gone, too.
            gone.extend(entry.targets)
    close_entry(run_dir, entry)
    state = read_state(run_dir)
    if state is not None:
        targets = list(entry.targets)
        Events(run_dir, state.origin).add("fault", fault=entry.fault, phase="undone", what=entry.what, targets=targets)
    return Undone(entry, tuple(gone))


def _report(undone: list[Undone]) -> dict[str, Json]:
    return {
        "undone": [
            {
                "fault": one.entry.fault,
                "what": one.entry.what,
                "targets": list(one.entry.targets),
                "gone": list(one.gone),
            }
            for one in undone
        ]
    }
