"""Colour, on a terminal only: click strips it elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

import click

from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.diagnostics.fewer import fewer
from seatrial.dsl.diagnostics.render import render

from .colour import colourless

_STYLES: dict[str, dict[str, object]] = {
    "error": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow", "bold": True},
    "note": {"bold": True},
    "help": {"fg": "green", "bold": True},
    "message": {"bold": True},
    "place": {"fg": "blue"},
    "label": {"fg": "blue"},
    "proved": {"fg": "green"},
    "refuted": {"fg": "red", "bold": True},
    "unknown": {"fg": "yellow", "bold": True},
    "allowed": {"fg": "cyan"},
    "pass": {"fg": "green", "bold": True},
    "fail": {"fg": "red", "bold": True},
    "inconclusive": {"fg": "yellow", "bold": True},
    "faint": {"dim": True},
}


def paint(text: str, role: str) -> str:
    if colourless():
        return text
    return click.style(text, **_STYLES.get(role, {}))  # type: ignore[arg-type]


def show_each(diagnostics: Iterable[Diagnostic], way: str = "`seatrial check -v` tells of each") -> None:
    """All of them; of very many of one kind the first, how many more, and by which way to see those."""
    for one in fewer(tuple(diagnostics), way=way):
        show(one)


def show(diagnostic: Diagnostic) -> None:
    click.echo(render(diagnostic, paint) + "\n", err=True)
