"""A recorded trace -> arrivals: the text of a CSV file becomes seconds since its first arrival.

Invariant: arrivals ascend and begin at 0.
"""

from __future__ import annotations

import csv
from bisect import bisect_left
from datetime import UTC, datetime
from fractions import Fraction

from seatrial.dsl.diagnostics import Diagnostic, Label, Severity
from seatrial.dsl.source import Span

LEAST_ARRIVALS = 2
_MOST_COLUMNS, _MOST_CHARACTERS = 12, 40
_NAMES = ("timestamp", "time", "ts", "arrival", "arrived_at", "start_time", "datetime", "date")


def arrivals(text: str, column: str | None, speed: Fraction, at: Span, path: str) -> tuple[float, ...] | Diagnostic:
    """Seconds since the first arrival, divided by `speed`. Stamps are numbers of seconds or ISO 8601 times."""
    rows = csv.reader(text.splitlines())
    header = next(rows, [])
    if not header:
        return _bad(at, f"the trace `{path}` is empty", "give a CSV file with a header line and a column of times")
    index = _column(header, column)
    if index is None:
        wanted = f"`{column}`" if column else "that looks like time stamps"
        # What is no table may hold secrets.
        names = f", of: {_shown(header)}" if path.endswith((".csv", ".tsv")) else ""
        return _bad(at, f"the trace `{path}` has no column {wanted}", f'name one: column "…"{names}')
    stamps: list[float] = []
    for number, row in enumerate(rows, start=2):
        if not row:
            continue
        stamp = _stamp(row[index]) if index < len(row) else None
        if stamp is None:
            shown = row[index] if index < len(row) else ""
            return _bad(
                at,
                f"line {number} of the trace `{path}` has no time in `{_shown([header[index]])}`: `{shown[:40]}`",
                "a time is a number of seconds or an ISO 8601 time such as 2026-11-16 18:17:03.979",
            )
        stamps.append(stamp)
    if len(stamps) < LEAST_ARRIVALS:
        return _bad(at, f"the trace `{path}` has {len(stamps)} arrivals", "at least two are needed to tell a rate")
    stamps.sort()
    if stamps[-1] == stamps[0]:
        return _bad(at, f"all arrivals of the trace `{path}` are at one moment", "a rate needs times that differ")
    factor = float(speed)
    return tuple((stamp - stamps[0]) / factor for stamp in stamps)


def mean_rate(seconds: tuple[float, ...]) -> Fraction:
    """Arrivals per second over the whole trace, rounded up to a thousandth so that the envelope covers it."""
    return _up(Fraction(len(seconds)) / Fraction(seconds[-1]))


def worst_rate(seconds: tuple[float, ...], window: float = 1.0) -> Fraction:
    """The most arrivals in any window of this length, per second."""
    most = max(bisect_left(seconds, start + window) - at for at, start in enumerate(seconds))
    return _up(Fraction(most) / Fraction(window))


def _up(rate: Fraction) -> Fraction:
    return Fraction(-((-rate * 1000) // 1), 1000)


def _shown(header: list[str]) -> str:
    """A file that is no trace may hold anything in its first line."""
    return ", ".join(name[:_MOST_CHARACTERS] for name in header[:_MOST_COLUMNS])


def _column(header: list[str], wanted: str | None) -> int | None:
    names = [name.strip().lower() for name in header]
    if wanted is not None:
        return names.index(wanted.strip().lower()) if wanted.strip().lower() in names else None
    return next((names.index(name) for name in _NAMES if name in names), None)


def _stamp(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text.strip())
            # A time without a zone is taken as UTC, so that the machine's own zone and its clock changes play no part.
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except ValueError:
            return None
    return number if abs(number) < float("inf") else None


def _bad(at: Span, message: str, help_: str) -> Diagnostic:
    return Diagnostic("ST1020", Severity.ERROR, message, (Label(at),), help=help_)
