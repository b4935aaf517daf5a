"""The specs that come with seatrial, by their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from importlib.resources.abc import Traversable

import click
from click.shell_completion import CompletionItem

from seatrial.compiler.pipeline import read
from seatrial.dsl.source import Source

from .refusal import Refused


@dataclass(frozen=True, slots=True)
class Example:
    """`beside`: the content of the files that it reads, by the names it gives them."""

    name: str
    text: str
    beside: Mapping[str, bytes]


def copy_of(name: str) -> Example:
    """Raises Refused for a name that there is not."""
    known = _shipped()
    wanted = name.removesuffix(".fleet")
    if wanted not in known:
        close = get_close_matches(wanted, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(known)}"
        raise Refused(f"there is no example {name}; {hint}")
    place = known[wanted]
    text = place.joinpath(f"{wanted}.fleet").read_text(encoding="utf-8")
    beside = {one: place.joinpath(one).read_bytes() for one in read(Source("", text)).traces.values()}
    return Example(f"{wanted}.fleet", text, beside)


def names_like(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """What a shell offers."""
    return [CompletionItem(name) for name in _shipped() if name.lower().startswith(begun.lower())]


def _shipped() -> dict[str, Traversable]:
    """The folder of each example; those at the top first."""
    top = files("seatrial").joinpath("specs")
    found: dict[str, Traversable] = {}
    for folder in (top, *sorted((one for one in top.iterdir() if one.is_dir()), key=lambda one: one.name)[::-1]):
        for one in sorted(folder.iterdir(), key=lambda one: one.name):
            if one.name.endswith(".fleet"):
                found.setdefault(one.name.removesuffix(".fleet"), folder)
    return found
