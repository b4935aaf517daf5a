"""A fleet -> the table of `check --show-defaults`: each statement, and below it what it leaves unsaid."""

from __future__ import annotations

from itertools import groupby

from seatrial.compiler.filled import filled_in
from seatrial.compiler.model import Fleet
from seatrial.dsl.diagnostics.render import printable

from .paint import paint


def defaults_table(fleet: Fleet) -> list[str]:
    """Its lines. A text that a spec could hold stands first, since it can be copied from there."""
    filled = filled_in(fleet)
    width = max((len(one.written) for one in filled), default=0)
    lines = ["  not written, and so:" if filled else "  every value is written"]
    for at, group in groupby(filled, key=lambda one: one.at):
        rows = list(group)
        lines.append(f"  {paint(printable(str(at)), 'place')}  {rows[0].owner}")
        lines.extend(f"      {one.written:{width}}  {paint(one.source, 'faint')}" for one in rows)
    return lines
