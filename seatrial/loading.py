"""Files on disk -> a checked spec. The only place where the compiler's input is read."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from seatrial.compiler.pipeline import Checked, judge, read
from seatrial.dsl.source import Source

from .texts import Unreadable, text_of


@dataclass(frozen=True, slots=True)
class Loaded:
    """A spec with the texts it was made from. `assets`: the text of each trace by the name of its demand."""

    checked: Checked
    assets: Mapping[str, str]


def load(path: Path | str, traces: Mapping[str, Path] | None = None) -> Loaded:
    """Reads and checks a spec. `traces` names other files than the spec does, by demand.

    Raises Unreadable where the spec, or a file in `traces`, cannot be read; a missing file that the spec names is a
    finding at its place.
    """
    path = Path(path)
    reading = read(Source(str(path), text_of(path).replace("\r\n", "\n")))
    given = traces or {}
    for demand in given:
        if demand not in reading.traces:
            known = ", ".join(reading.traces) or "none"
            raise Unreadable(f"{path}: no demand `{demand}` with a trace; there are: {known}")
    assets: dict[str, str] = {}
    for demand, name in reading.traces.items():
        if demand in given:
            assets[demand] = text_of(given[demand])
            continue
        with contextlib.suppress(Unreadable):
            assets[demand] = text_of(path.parent / name)
    return Loaded(judge(reading, assets), assets)
