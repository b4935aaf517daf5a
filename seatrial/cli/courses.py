"""A course of demand <-> arrivals in a CSV file, as `--trace` reads them.

Invariant: what is written has one arrival each time that the course has accumulated one, so reading it back gives the
same counts between two syncs to within one.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from seatrial.chaos.load.schedule import Piece, uniform
from seatrial.compiler.passes.traces import arrivals
from seatrial.compiler.semantics.controller import SYNC_PERIOD_MS
from seatrial.compiler.semantics.pool_loop import Line
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.source import Source, Span
from seatrial.texts import Unreadable, text_of

from .files import write_one
from .refusal import Refused, not_written

EXPECTED = (
    "arrivals are a CSV file with a header line and a row for each request, with a column `timestamp` of seconds or of "
    "ISO 8601 times: `seatrial simulate SPEC --write DIR` writes such files"
)
SYNC_S = SYNC_PERIOD_MS // 1000
MOST_ARRIVALS = 5_000_000
"""More rows than this are no file that anybody plays on one machine."""


def seconds_of(path: Path) -> tuple[float, ...]:
    """The arrivals of a file, in seconds from the first."""
    try:
        text = text_of(path)
    except Unreadable as error:
        raise Refused(str(error)) from None
    found = arrivals(text, None, Fraction(1), Span(Source(str(path), text), 0, 0), str(path))
    if isinstance(found, Diagnostic):
        raise Refused(f"{found.message}\n{EXPECTED}")
    return found


def recorded(path: Path) -> tuple[Line, ...]:
    """The mean rate between two syncs, of arrivals in a file."""
    times = seconds_of(path)
    counts = [0] * (int(times[-1]) // SYNC_S + 1)
    for time in times:
        counts[int(time) // SYNC_S] += 1
    rates = [count * 1000 // SYNC_S for count in counts]
    return tuple((rate, rate) for rate in rates)


def write_arrivals(path: Path, shape: Sequence[Piece]) -> int:
    """Writes arrivals at these rates, and gives how many they are."""
    if sum(piece.area for piece in shape) > MOST_ARRIVALS:
        raise Refused(f"{path}: the course has more than {MOST_ARRIVALS:,} arrivals, and is not written")
    times = uniform(shape)
    text = "".join(["timestamp\n", *(f"{time:.4f}\n" for time in times)])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_written(path, error) from None
    write_one(path, text.encode())
    return len(times)
