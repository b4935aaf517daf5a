"""Reading the specs that a command names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from seatrial.loading import Loaded, load
from seatrial.texts import Unreadable

from .refusal import Refused

Command = TypeVar("Command", bound=Callable[..., object])


def trace_option(function: Command) -> Command:
    return click.option(
        "--trace",
        "traces",
        multiple=True,
        metavar="DEMAND=FILE",
        help="Use another recording for a demand than the spec names (repeatable).",
    )(function)


def loaded(path: Path, traces: tuple[str, ...] = ()) -> Loaded:
    """The checked spec; what cannot be read ends the command with exit code 2."""
    given: dict[str, Path] = {}
    for one in traces:
        demand, equals, file = one.partition("=")
        if not (demand and equals and file):
            raise Refused(f"--trace {one}: write it as DEMAND=FILE")
        given[demand] = Path(file)
    try:
        return load(path, given)
    except Unreadable as error:
        raise Refused(str(error)) from None
