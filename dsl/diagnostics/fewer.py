"""Many diagnostics of one kind -> the first of them, and how many more there are.

One slip that stands in a generated line ten thousand times is told ten times: nobody reads the rest, and a log of
megabytes hides what else is wrong. Invariant: each code that is told of a file is still told, in its first places, and
what is left out is counted. What is told of guarantees is never left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .record import Diagnostic, Label

IN_LINE = 10
"""So many of one code are told of one line."""
IN_FILE = 100
"""So many of one code are told of one file, where a person reads it."""
IN_LOG = 5_000
"""So many where a program does; GitHub shows as many of a log and refuses 25,000 (GitHub docs, "SARIF support")."""


def fewer(diagnostics: Sequence[Diagnostic], in_file: int = IN_FILE, way: str = "") -> list[Diagnostic]:
    """In their order; behind them one of each code and file of which some are left out. `way`: how to see those."""
    if len(diagnostics) <= IN_LINE:
        return list(diagnostics)
    lines: Counter[tuple[str, str, int]] = Counter()
    files: Counter[tuple[str, str]] = Counter()
    kept: list[Diagnostic] = []
    left: dict[tuple[str, str], list[Diagnostic]] = {}
    for one in diagnostics:
        if one.guarantee or not one.labels:
            kept.append(one)
            continue
        at = one.labels[0].span
        path = at.source.path
        line = (one.code, path, at.line)
        if lines[line] >= IN_LINE or files[line[:2]] >= in_file:
            left.setdefault((one.code, path), []).append(one)
            continue
        lines[line] += 1
        files[line[:2]] += 1
        kept.append(one)
    return [*kept, *(_more(of_a_kind, way) for of_a_kind in left.values())]


def _more(left: list[Diagnostic], way: str) -> Diagnostic:
    first, last = left[0], left[-1]
    at, end = first.labels[0].span, last.labels[0].span.line
    where = "in this line" if at.line == end else f"from here to line {end}"
    severity = max((one.severity for one in left), key=lambda one: (one.value == "error", one.value == "warning"))
    message = f"and {len(left):,} more of this kind, {where}"
    return Diagnostic(first.code, severity, message, (Label(at, "the first of them"),), help=way)
